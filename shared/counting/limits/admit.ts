import type { Definition } from '../../contract/definition.ts';
import type { Definitions, StoredDefinition, Quarantine } from '../ports.ts';
import { EXPOSURE, type StreamEvent } from '../../contract/event.ts';
import { experimentName, fieldOf } from '../../contract/experiment-id.ts';
import type { NameRegistry } from './name-registry.ts';
import { nameKey, namesOf, segmentPlaces, type Name, type NeededName, type SegmentPlaces } from './names.ts';
import { toOverflow, type Overflow } from './overflow.ts';
import type { Limits } from '../../contract/limits.ts';
import type { CountableEvent, CountableRecord } from '../decode.ts';
import { beyondLimit, notDefined, type Refusal, type RefusalCode } from './refusal.ts';
import { groupOf, type Samples } from './samples.ts';
import type { SequenceNumber } from '../../contract/sequence-number.ts';
import { mapAtOnce } from '../../runtime/map-at-once.ts';

/**
 * Says which events may not count, since their names find no place, and which count without some of their segments. All
 * others' names are admitted, durably, when it resolves. Rejects where that cannot be told now.
 */
export type Admit = (events: readonly CountableEvent[]) => Promise<Admitted>;

/** What finds no place. */
export interface Places<Refused = ReadonlySet<CountableEvent>> {
  /** Events that may not count. */
  refused: Refused;
  /** Of events that count, which of the segments do not. */
  overflow: ReadonlyMap<CountableEvent, Overflow>;
}

/** With why an event may not count. */
export type Admitted = Places<ReadonlyMap<CountableEvent, Refusal>>;

export interface AdmissionDeps {
  registry: NameRegistry;
  definitions: Pick<Definitions, 'readMany' | 'readAll'>;
  limits: Limits;
  /** Whether an experiment needs a definition before it counts. */
  countOnlyDefined: boolean;
  /** ms since 1970 */
  now: () => number;
}

interface Candidate {
  event: CountableEvent;
  levels: NeededName[][];
}

/**
 * Names come from the open internet, and each new one takes memory: so there are places for so many. What a definition
 * names is admitted beyond them: a stranger who has taken all places cannot lock the owner out.
 */
export function createAdmission(deps: AdmissionDeps): Admit {
  const { registry } = deps;
  const readDefinitions = rememberDefinitions(deps);

  /** A process goes on with what it has admitted: only what it does not know is held against the definitions. */
  async function refuseUndefined(
    candidates: readonly Candidate[],
    refusals: Map<CountableEvent, Refusal>,
  ): Promise<void> {
    const definitions = await readDefinitions(candidates);
    for (const { event } of candidates) {
      const refusal = findUndefined(event.event, definitions.get(nameOf(event)) ?? []);
      if (refusal) refusals.set(event, refusal);
    }
  }

  /** An event counts without the segments that find no place: each under its key's overflow value, if that has one. */
  async function findOverflow(candidates: readonly Candidate[]): Promise<Map<CountableEvent, Overflow>> {
    const wanted = candidates.map(({ event }) => ({ event, pairs: segmentPlaces(event.event, event.incarnation) }));
    const pairs = wanted.flatMap((one) => one.pairs);
    const refused = await registry.admit(
      pairs.map(({ own }) => own),
      'within limits',
    );
    const left = pairs.filter(({ own }) => refused.has(nameKey(own))).map(({ other }) => other);
    const without = await registry.admit(left, 'within limits');
    const placeOf = ({ own, other }: SegmentPlaces) => {
      if (!refused.has(nameKey(own))) return 'own';
      return without.has(nameKey(other)) ? 'none' : 'other';
    };
    const found = wanted.map(({ event, pairs }): [CountableEvent, Overflow] => [event, toOverflow(pairs.map(placeOf))]);
    return new Map(found.filter(([, overflow]) => overflow !== ''));
  }

  /** The names of one level: within the limits, else where a definition has them. */
  async function enterLevel(
    level: number,
    candidates: readonly Candidate[],
    refusals: Map<CountableEvent, Refusal>,
  ): Promise<void> {
    const wanted = candidates.map(({ event, levels }) => ({ event, names: levels[level] ?? [] }));
    const refused = await registry.admit(
      wanted.flatMap(({ names }) => names),
      'within limits',
    );
    if (refused.size === 0) return;
    const open = wanted
      .map(({ event, names }) => ({ event, names: names.filter((name) => refused.has(nameKey(name))) }))
      .filter(({ names }) => names.length > 0);
    const definitions = await readDefinitions(open);
    const isDefined = (event: CountableEvent, name: Name) => hasName(definitions.get(nameOf(event)) ?? [], name);
    const defined = open.flatMap(({ event, names }) => names.filter((name) => isDefined(event, name)));
    const without = await registry.admit(defined, 'beyond limits');
    for (const { event, names } of open) {
      const name = names.find((candidate) => !isDefined(event, candidate) || without.has(nameKey(candidate)));
      if (name) refusals.set(event, beyondLimit(name.kind, event.event, deps.limits));
    }
  }

  function isKnown({ event, incarnation }: CountableEvent, levels: readonly Name[][]): boolean {
    const areKnown = levels.every((names) => names.every(registry.knows));
    return areKnown && segmentPlaces(event, incarnation).every(({ own }) => registry.knows(own));
  }

  return async (events) => {
    const refused = new Map<CountableEvent, Refusal>();
    const candidates = events
      .map((event) => ({ event, levels: namesOf(event.event, event.incarnation) }))
      .filter(({ event, levels }) => !isKnown(event, levels));
    if (candidates.length === 0) return { refused, overflow: new Map() };
    const open = () => candidates.filter(({ event }) => !refused.has(event));
    if (deps.countOnlyDefined) await refuseUndefined(candidates, refused);
    for (let level = 0; level < LEVELS; level += 1) await enterLevel(level, open(), refused);
    return { refused, overflow: await findOverflow(open()) };
  };
}

/** Namespace, experiment, variants and goals in it. */
const LEVELS = 3;
const REMEMBERED_MS = 30_000;
const REMEMBERED = 10_000;

/** What an event's definitions are kept under: its experiment, or the whole namespace where it names none. */
function nameOf({ event: { namespace, experiment } }: CountableEvent): string {
  return experiment === undefined ? fieldOf(namespace) : experimentName(namespace, experiment);
}

type DefinitionsByName = ReadonlyMap<string, readonly StoredDefinition[]>;

/** Reads definitions many at a time, and each again after half a minute only: names that are refused keep coming. */
function rememberDefinitions({ definitions, now }: AdmissionDeps) {
  const remembered = new Map<string, { stored: readonly StoredDefinition[]; until: number }>();

  return async (candidates: readonly { event: CountableEvent }[]): Promise<DefinitionsByName> => {
    if (remembered.size > REMEMBERED) remembered.clear();
    const wanted = new Map(candidates.map(({ event }) => [nameOf(event), event.event]));
    const unread = [...wanted].filter(([name]) => (remembered.get(name)?.until ?? 0) <= now());
    const read = await readDefinitions(new Map(unread), definitions);
    for (const [name] of unread) {
      remembered.set(name, { stored: read.get(name) ?? [], until: now() + REMEMBERED_MS });
    }
    return new Map([...wanted.keys()].map((name) => [name, remembered.get(name)?.stored ?? []]));
  };
}

async function readDefinitions(
  wanted: ReadonlyMap<string, StreamEvent>,
  definitions: AdmissionDeps['definitions'],
): Promise<DefinitionsByName> {
  const experiments = [...wanted.values()].filter((event) => event.experiment !== undefined);
  const namespaces = [...wanted].filter(([, { experiment }]) => experiment === undefined);
  const [ofExperiments, ...ofNamespaces] = await Promise.all([
    experiments.length === 0 ? new Map<string, StoredDefinition>() : definitions.readMany(experiments),
    ...namespaces.map(([, { namespace }]) => definitions.readAll(namespace)),
  ]);
  return new Map<string, readonly StoredDefinition[]>([
    ...[...ofExperiments].map(([name, stored]): [string, StoredDefinition[]] => [name, [stored]]),
    ...namespaces.map(([name], index): [string, StoredDefinition[]] => [name, ofNamespaces[index] ?? []]),
  ]);
}

/** Whether somebody has spoken for a name. */
function hasName(definitions: readonly StoredDefinition[], { kind, name }: Name): boolean {
  return definitions.some(({ definition }) => {
    if (kind === 'variants') return variantsOf(definition)?.has(name);
    if (kind === 'goals' || kind === 'visitorGoals') return goalsOf(definition)?.has(name);
    return true;
  });
}

function findUndefined(event: StreamEvent, definitions: readonly StoredDefinition[]): Refusal | undefined {
  const [stored] = definitions;
  if (event.experiment === undefined) {
    const isNamed = definitions.some(({ definition }) => goalsOf(definition)?.has(event.event) !== false);
    return isNamed ? undefined : notDefined('goals', event);
  }
  if (!stored) return notDefined('experiments', event);
  if (variantsOf(stored.definition)?.has(event.variant) === false) return notDefined('variants', event);
  const isGoal = event.event !== EXPOSURE;
  return isGoal && goalsOf(stored.definition)?.has(event.event) === false ? notDefined('goals', event) : undefined;
}

/** Undefined where the definition names none, so that any may be. */
function variantsOf(definition: Definition | undefined): Set<string> | undefined {
  const names = definition?.variants?.map(({ name }) => name) ?? [];
  return names.length === 0 ? undefined : new Set(names);
}

function goalsOf(definition: Definition | undefined): Set<string> | undefined {
  const names = Object.values(definition?.goals ?? {}).flatMap((goals) => goals.map(({ name }) => name));
  return names.length === 0 ? undefined : new Set(names);
}

export interface RefuseDeps {
  admit: Admit;
  quarantine: Pick<Quarantine, 'put'>;
  samples: Samples;
  /** Told how many events were refused, and why. */
  onRefused: (refused: Partial<Record<RefusalCode, number>>) => void;
  /** Told how many events of a record are counted as refused and not kept, and why where they should have been. */
  onUnkept: (sequence: SequenceNumber, events: number, error?: unknown) => void;
}

const RECORDS_AT_ONCE = 32;

/**
 * Finds the events whose names may not count. Samples of them are in quarantine before anything is decided about them,
 * so that a crash in between keeps one too many there: one item for each record, however many events of it are refused.
 * What cannot be kept is told of, and stops no counting.
 * @param shard `stream/shard`
 */
export async function refuseOverLimits(
  shard: string,
  records: readonly CountableRecord[],
  { admit, quarantine, samples, onRefused, onUnkept }: RefuseDeps,
): Promise<Places> {
  const { refused: refusals, overflow } = await admit(records.flatMap(({ events }) => events));
  if (refusals.size === 0) return { refused: new Set(), overflow };

  const touched = records.filter(({ events }) => events.some((event) => refusals.has(event)));
  let canBeKept = true;
  await mapAtOnce(RECORDS_AT_ONCE, touched, async ({ sequence, events }) => {
    const { refused, kept } = sampleOf(events, refusals, samples);
    const [first] = kept;
    if (!first || !canBeKept) {
      onUnkept(sequence, refused);
      return;
    }
    const data = Buffer.from(JSON.stringify(kept));
    const entry = { shard, sequence, code: first.code, reason: first.reason, events: refused, data };
    try {
      await quarantine.put(entry);
      if (kept.length < refused) onUnkept(sequence, refused - kept.length);
    } catch (error) {
      canBeKept = false; // of this batch no more is tried: it is to be counted, not to wait
      onUnkept(sequence, refused, error);
    }
  });
  onRefused(countCodes(refusals.values()));
  return { refused: new Set(refusals.keys()), overflow };
}

/** A record of a site that has used up its limits is long; its first events tell where it came from. */
const KEPT_BYTES = 8 * 1024;

function sampleOf(
  events: readonly CountableEvent[],
  refusals: ReadonlyMap<CountableEvent, Refusal>,
  samples: Samples,
): { refused: number; kept: (Refusal & { at: number; event: StreamEvent })[] } {
  const kept: (Refusal & { at: number; event: StreamEvent })[] = [];
  let refused = 0;
  let bytes = 0;
  for (const one of events) {
    const refusal = refusals.get(one);
    if (!refusal) continue;
    refused += 1;
    const sample = { ...refusal, at: one.claim.at, event: one.event };
    const size = Buffer.byteLength(JSON.stringify(sample));
    if (kept.length > 0 && bytes + size > KEPT_BYTES) continue;
    if (!samples.take(groupOf(refusal.code, one.event))) continue;
    bytes += size;
    kept.push(sample);
  }
  return { refused, kept };
}

function countCodes(refusals: Iterable<Refusal>): Partial<Record<RefusalCode, number>> {
  const counts: Partial<Record<RefusalCode, number>> = {};
  for (const { code } of refusals) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
