import type { Definition } from '../../contract/definition.ts';
import type { Definitions, StoredDefinition, Quarantine } from '../ports.ts';
import { EXPOSURE, type TrackedEvent } from '../../contract/event.ts';
import { experimentName } from '../../contract/experiment-id.ts';
import type { NameRegistry } from './name-registry.ts';
import { nameKey, namesOf, type Name } from './names.ts';
import type { Limits } from '../../contract/limits.ts';
import type { CountableEvent, CountableRecord } from '../decode.ts';
import { beyondLimit, notDefined, type Refusal, type RefusalCode } from './refusal.ts';
import { mapAtOnce } from '../../runtime/map-at-once.ts';

/**
 * Says which events may not count, since their names find no place. All others' names are admitted, durably, when it
 * resolves. Rejects where that cannot be told now.
 */
export type Admit = (events: readonly CountableEvent[]) => Promise<ReadonlyMap<CountableEvent, Refusal>>;

export interface AdmissionDeps {
  registry: NameRegistry;
  definitions: Pick<Definitions, 'readMany'>;
  limits: Limits;
  /** Whether an experiment needs a definition before it counts. */
  countOnlyDefined: boolean;
  /** ms since 1970 */
  now: () => number;
}

interface Candidate {
  event: CountableEvent;
  levels: Name[][];
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
      const refusal = findUndefined(event.event, definitions.get(nameOf(event)));
      if (refusal) refusals.set(event, refusal);
    }
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
    const isDefined = (event: CountableEvent, name: Name) => hasName(definitions.get(nameOf(event)), name);
    const defined = open.flatMap(({ event, names }) => names.filter((name) => isDefined(event, name)));
    const without = await registry.admit(defined, 'beyond limits');
    for (const { event, names } of open) {
      const name = names.find((candidate) => !isDefined(event, candidate) || without.has(nameKey(candidate)));
      if (name) refusals.set(event, beyondLimit(name, event.event, deps.limits));
    }
  }

  return async (events) => {
    const refusals = new Map<CountableEvent, Refusal>();
    const candidates = events
      .map((event) => ({ event, levels: namesOf(event.event, event.incarnation) }))
      .filter(({ levels }) => !levels.every((names) => names.every(registry.knows)));
    if (candidates.length === 0) return refusals;
    if (deps.countOnlyDefined) await refuseUndefined(candidates, refusals);
    for (let level = 0; level < LEVELS; level += 1) {
      await enterLevel(
        level,
        candidates.filter(({ event }) => !refusals.has(event)),
        refusals,
      );
    }
    return refusals;
  };
}

/** Namespace, experiment, what is in it. */
const LEVELS = 3;
const REMEMBERED_MS = 30_000;
const REMEMBERED = 10_000;

function nameOf({ event: { namespace, experiment } }: CountableEvent): string {
  return experimentName(namespace, experiment);
}

/** Reads definitions many at a time, and each again after half a minute only: names that are refused keep coming. */
function rememberDefinitions({ definitions, now }: AdmissionDeps) {
  const remembered = new Map<string, { stored: StoredDefinition | undefined; until: number }>();

  return async (
    candidates: readonly { event: CountableEvent }[],
  ): Promise<ReadonlyMap<string, StoredDefinition | undefined>> => {
    if (remembered.size > REMEMBERED) remembered.clear();
    const wanted = new Map(candidates.map(({ event }) => [nameOf(event), event.event]));
    const unread = [...wanted].filter(([name]) => (remembered.get(name)?.until ?? 0) <= now());
    if (unread.length > 0) {
      const read = await definitions.readMany(unread.map(([, event]) => event));
      for (const [name] of unread) remembered.set(name, { stored: read.get(name), until: now() + REMEMBERED_MS });
    }
    return new Map([...wanted.keys()].map((name) => [name, remembered.get(name)?.stored]));
  };
}

/** Whether somebody has spoken for a name. A definition has no segments. */
function hasName(stored: StoredDefinition | undefined, { kind, name }: Name): boolean {
  if (!stored) return false;
  if (kind === 'variants') return variantsOf(stored.definition)?.has(name) ?? false;
  if (kind === 'goals') return goalsOf(stored.definition)?.has(name) ?? false;
  return kind !== 'segments';
}

function findUndefined(event: TrackedEvent, stored: StoredDefinition | undefined): Refusal | undefined {
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
  /** Told how many events were refused, and why. */
  onRefused: (refused: Partial<Record<RefusalCode, number>>) => void;
}

const RECORDS_AT_ONCE = 32;

/**
 * Finds the events whose names may not count. They are in quarantine before anything is decided about them, so that a
 * crash in between keeps one too many there rather than dropping one: one item for each record, however many events of
 * it are refused.
 * @param shard `stream/shard`
 */
export async function refuseOverLimits(
  shard: string,
  records: readonly CountableRecord[],
  { admit, quarantine, onRefused }: RefuseDeps,
): Promise<ReadonlySet<CountableEvent>> {
  const refusals = await admit(records.flatMap(({ events }) => events));
  if (refusals.size === 0) return new Set();

  const touched = records.filter(({ events }) => events.some((event) => refusals.has(event)));
  await mapAtOnce(RECORDS_AT_ONCE, touched, async ({ sequence, events }) => {
    const refused = events.flatMap(({ event, claim: { at } }, index) => {
      const refusal = events[index] && refusals.get(events[index]);
      return refusal ? [{ ...refusal, at, event }] : [];
    });
    const [first] = refused;
    if (!first) return;
    const data = Buffer.from(JSON.stringify(refused));
    await quarantine.put({ shard, sequence, code: first.code, reason: first.reason, events: refused.length, data });
  });
  onRefused(countCodes(refusals.values()));
  return new Set(refusals.keys());
}

function countCodes(refusals: Iterable<Refusal>): Partial<Record<RefusalCode, number>> {
  const counts: Partial<Record<RefusalCode, number>> = {};
  for (const { code } of refusals) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
