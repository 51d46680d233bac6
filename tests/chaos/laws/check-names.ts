import { claimId } from '../../../shared/counting/decode.ts';
import { TOMBSTONE_OWNER } from '../../../shared/counting/ports.ts';
import { letterOf, listOf, memberOf, namesOf, segmentPlaces } from '../../../shared/counting/limits/names.ts';
import type { NameKind } from '../../../shared/contract/limits.ts';
import { findCounted, incarnationOf, overflowsOf, type AcknowledgedEvent } from './oracle.ts';
import type { World } from '../world/world.ts';

/**
 * What must be true of the names when the dust has settled: no list is too long, what counted has its places, what was
 * refused is in quarantine, and, where no place ever became free, lacks one.
 */
export function checkNames(world: World): string[] {
  const { acknowledged, tables, placesChanged } = world;
  const counted = new Set(findCounted(acknowledged, tables));
  const broken = world.defined.size === 0 ? findTooLong(world) : [];
  const lists = tables.nameLists();
  const hasPlaces = ({ event }: AcknowledgedEvent) => {
    const { number } = incarnationOf(event, tables);
    return namesOf(event, number)
      .flat()
      .every((name) => lists.get(listOf(name))?.has(memberOf(name)));
  };
  const refused = new Map<string, AcknowledgedEvent[]>();
  for (const entry of acknowledged) {
    const { event, at } = entry;
    const { number, since } = incarnationOf(event, tables);
    if (at < since) continue;
    const id = claimId(event, number);
    const isRefused = tables.ownersOf(id).includes(TOMBSTONE_OWNER);
    if (isRefused && counted.has(entry)) broken.push(`${entry.place} is refused and counted`);
    if (counted.has(entry) && !hasPlaces(entry) && !placesChanged) {
      broken.push(`${entry.place} is counted without a place`);
    }
    if (counted.has(entry)) broken.push(...findWrongOverflow(entry, world));
    if (!isRefused) continue;
    const key = Buffer.from(id).toString('hex');
    refused.set(key, [...(refused.get(key) ?? []), entry]);
  }
  const quarantined = new Set([...tables.quarantined(), ...world.unkept]);
  for (const copies of refused.values()) {
    // Copies may differ in their segments: the first of them decides for all.
    if (!placesChanged && copies.every(hasPlaces)) {
      broken.push(`${copies[0]?.place ?? ''} is refused, but has its places`);
    }
    const isKept = copies.some(({ place }) => quarantined.has(place.slice(0, place.lastIndexOf('#'))));
    if (!isKept) broken.push(`${copies[0]?.place ?? ''} is refused, but neither in quarantine nor told of`);
  }
  return broken;
}

/** What a claim says of its event's segments is said once, and only of those that have no place. */
function findWrongOverflow(entry: AcknowledgedEvent, { tables, placesChanged }: World): string[] {
  const said = overflowsOf(entry, tables);
  const [overflow = ''] = said;
  if (said.length > 1) return [`${entry.place} has been decided twice: ${said.join(', ')}`];
  const lists = tables.nameLists();
  const { number } = incarnationOf(entry.event, tables);
  return segmentPlaces(entry.event, number).flatMap(({ own, other }, index) => {
    const isOver = overflow.includes(`${index}+`);
    const needed = isOver ? other : own;
    if (overflow.includes(`${index}-`) || placesChanged) return [];
    if (isOver && lists.get(listOf(own))?.has(memberOf(own))) return [`${entry.place}: ${own.name} has its place`];
    return lists.get(listOf(needed))?.has(memberOf(needed)) ? [] : [`${entry.place}: ${needed.name} has no place`];
  });
}

function findTooLong({ tables, limits }: World): string[] {
  return [...tables.nameLists()].flatMap(([key, members]) =>
    Object.entries(limits).flatMap(([kind, limit]) => {
      const letter = letterOf(kind as NameKind);
      const count = [...members].filter((member) => member.startsWith(letter)).length;
      return count > limit ? [`${key} has ${count} ${kind}, but the limit is ${limit}`] : [];
    }),
  );
}
