import { hash } from 'node:crypto';
import { Decoder, Encoder } from '@msgpack/msgpack';
import { EXPERIMENT_CODE_BYTES, NAME_CODE_BYTES, type Code } from './codes.ts';

/**
 * What is kept of one visitor of a namespace: a MessagePack array in which each experiment is a `bin`, the head of its
 * state, and after it an array of goals, if there are any: `[head, [code, n, v, code, n, v, …], head, head, …]`. Before
 * all of them may be a map, `{ w: [[at, goal, value, segments, experiment, variant], …] }`: goals that wait for an
 * exposure. An element of any other type belongs to a later version, and stays as it is.
 *
 *   head   experiment's code, 6 bytes | exposure's time, ms, times two, plus one after a crossover: 6 bytes, big-endian
 *          | variant's code, 3 bytes | codes of the segments at the exposure, 3 bytes each
 */
export interface VisitorRecord {
  elements: unknown[];
}

/** What a visitor has done in one experiment. */
export interface VisitorState {
  /** Of the variant seen first, which the visitor counts for. */
  variant: Code;
  crossedOver: boolean;
  /** When the first exposure was received, ms. */
  exposedAt: number;
  /** At the first exposure. */
  segments: readonly Code[];
  /** How often each goal was reached, and what that was worth together. */
  goals: ReadonlyMap<Code, GoalSums>;
}

export interface GoalSums {
  n: number;
  v: number;
}

/** A record that is not what Mem writes. */
export class BrokenRecord extends Error {
  override name = 'BrokenRecord';
}

/** So many experiments, and about so many bytes, a record may hold: beyond, a visitor is not counted in the newest. */
export const MAX_STATES = 64;
export const MAX_RECORD_BYTES = 8_192;

const TIME = EXPERIMENT_CODE_BYTES;
const TIME_BYTES = 6;
const VARIANT = TIME + TIME_BYTES;
const SEGMENTS = VARIANT + NAME_CODE_BYTES;
const STATE_BYTES = 6;
const GOAL_BYTES = 2 + NAME_CODE_BYTES + 2 * 9;

const encoder = new Encoder();
const decoder = new Decoder();

export function emptyRecord(): VisitorRecord {
  return { elements: [] };
}

/** @throws BrokenRecord */
export function decodeVisitor(content: Uint8Array): VisitorRecord {
  const elements = unpack(content);
  if (!Array.isArray(elements) || (elements.length > 0 && !isHead(elements[0]) && !isWaiting(elements[0]))) {
    throw new BrokenRecord('expected an array that begins with the head of a state, or with goals that wait');
  }
  for (const element of elements) {
    if (element instanceof Uint8Array && (element.length < SEGMENTS || (element.length - SEGMENTS) % NAME_CODE_BYTES)) {
      throw new BrokenRecord(`expected the head of a state, got ${element.length} bytes`);
    }
  }
  return { elements };
}

function unpack(content: Uint8Array): unknown {
  try {
    return decoder.decode(content);
  } catch (error) {
    throw new BrokenRecord('expected MessagePack', { cause: error });
  }
}

export function encodeVisitor({ elements }: VisitorRecord): Buffer {
  const bytes = encoder.encode(elements);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The codes of the experiments that a record holds states of. */
export function experimentsIn({ elements }: VisitorRecord): Code[] {
  return elements.flatMap((element) => (isHead(element) ? textOf(element, 0, EXPERIMENT_CODE_BYTES) : []));
}

/** The state of the experiment whose code `isOf` knows; undefined where the visitor was not exposed in it. */
export function stateOf(record: VisitorRecord, isOf: (code: Code) => boolean): VisitorState | undefined {
  const index = indexOf(record, isOf);
  const head = record.elements[index];
  if (!isHead(head)) return undefined;
  const time = Buffer.from(head.buffer, head.byteOffset, head.length).readUIntBE(TIME, TIME_BYTES);
  const segments: Code[] = [];
  for (let at = SEGMENTS; at < head.length; at += NAME_CODE_BYTES) {
    segments.push(textOf(head, at, at + NAME_CODE_BYTES));
  }
  return {
    variant: textOf(head, VARIANT, SEGMENTS),
    crossedOver: time % 2 === 1,
    exposedAt: Math.floor(time / 2),
    segments,
    goals: goalsOf(record.elements[index + 1]),
  };
}

/**
 * Adds a state, or puts it in the place of the one that is there.
 * @returns false where the record has no room for it, which is then left as it is
 */
export function putState(
  record: VisitorRecord,
  isOf: (code: Code) => boolean,
  code: Code,
  state: VisitorState,
): boolean {
  const { elements } = record;
  const index = indexOf(record, isOf);
  const before = elements[index];
  const goals = [...state.goals].flatMap(([goal, { n, v }]) => [bytesOf(goal), n, v]);
  const next = [headOf(isHead(before) ? textOf(before, 0, EXPERIMENT_CODE_BYTES) : code, state)];
  const replaced = index === -1 ? [] : elements.slice(index, index + (Array.isArray(elements[index + 1]) ? 2 : 1));
  const parts = goals.length === 0 ? next : [...next, goals];
  if (weigh(parts) > weigh(replaced) && !hasRoom(record, replaced, parts)) return false;
  elements.splice(index === -1 ? elements.length : index, replaced.length, ...parts);
  return true;
}

/** A goal that came before an exposure: names are encoded as in visits, and need no code. */
export interface WaitingGoal {
  /** Receipt time, ms. */
  at: number;
  goal: string;
  value: number;
  segments: readonly string[];
  /** Missing in a goal that names no experiment. */
  experiment?: string;
  variant?: string;
}

/** So many goals, and so many characters of names, wait in a record: beyond, the oldest leave. */
export const MAX_WAITING = 32;
const MAX_WAITING_CHARACTERS = 4_096;

/** In the order in which they came. */
export function waitingIn({ elements }: VisitorRecord): WaitingGoal[] {
  const [first] = elements;
  if (!isWaiting(first)) return [];
  return first.w.map(([at, goal, value, segments, experiment, variant]) => ({
    ...{ at, goal, value, segments },
    ...(experiment !== undefined && { experiment }),
    ...(variant !== undefined && { variant }),
  }));
}

/** Puts the goals that wait in the place of those that did. */
export function putWaiting({ elements }: VisitorRecord, goals: readonly WaitingGoal[]): void {
  const kept = goals.slice(-MAX_WAITING);
  let characters = kept.reduce((sum, goal) => sum + charactersOf(goal), 0);
  while (characters > MAX_WAITING_CHARACTERS) characters -= charactersOf(kept.shift());
  const rows = kept.map(({ at, goal, value, segments, experiment, variant }) =>
    experiment === undefined ? [at, goal, value, segments] : [at, goal, value, segments, experiment, variant],
  );
  elements.splice(0, isWaiting(elements[0]) ? 1 : 0, ...(rows.length === 0 ? [] : [{ w: rows }]));
}

function charactersOf(waiting: WaitingGoal | undefined): number {
  if (!waiting) return 0;
  const { goal, segments, experiment = '', variant = '' } = waiting;
  return [goal, experiment, variant, ...segments].reduce((sum, name) => sum + name.length, 0);
}

/** Whether goals wait in a record, told without decoding it. */
export function hasWaiting(content: Uint8Array): boolean {
  const [kind = 0] = content;
  const header = kind === 0xdc ? 3 : kind === 0xdd ? 5 : 1;
  return content[header] === MAP_OF_ONE;
}

const MAP_OF_ONE = 0x81;

/** The receipt time of the newest goal that waits in a record. */
export function newestWaiting(content: Uint8Array): number | undefined {
  if (!hasWaiting(content)) return undefined;
  return Math.max(...waitingIn(decodeVisitor(content)).map(({ at }) => at));
}

/** The record without the goals received before a time that wait in it; empty where nothing is left. */
export function withoutWaiting(content: Uint8Array, before: number): Buffer {
  const record = decodeVisitor(content);
  putWaiting(
    record,
    waitingIn(record).filter(({ at }) => at >= before),
  );
  return record.elements.length === 0 ? Buffer.alloc(0) : encodeVisitor(record);
}

type WaitingRow = [at: number, goal: string, value: number, segments: string[], experiment?: string, variant?: string];

function isWaiting(element: unknown): element is { w: WaitingRow[] } {
  return (
    typeof element === 'object' && element !== null && !isHead(element) && 'w' in element && Array.isArray(element.w)
  );
}

/** Leaves out the states of experiments that do not live any more. */
export function dropStates(record: VisitorRecord, isDead: (code: Code) => boolean): void {
  let keeps = true;
  record.elements = record.elements.filter((element) => {
    if (isHead(element)) keeps = !isDead(textOf(element, 0, EXPERIMENT_CODE_BYTES));
    return keeps;
  });
}

/**
 * From the record's structure alone, never from how its numbers happen to be written: whatever cut the stream into
 * batches, the same event must find the same room.
 */
function hasRoom({ elements }: VisitorRecord, replaced: readonly unknown[], parts: readonly unknown[]): boolean {
  const states = elements.filter(isHead).length - replaced.filter(isHead).length + 1;
  return states <= MAX_STATES && weigh(elements) - weigh(replaced) + weigh(parts) <= MAX_RECORD_BYTES;
}

/** At most so many bytes. */
function weigh(elements: readonly unknown[]): number {
  return elements.reduce<number>((sum, element) => {
    if (isHead(element)) return sum + STATE_BYTES + element.length;
    return Array.isArray(element) ? sum + (element.length / 3) * GOAL_BYTES : sum;
  }, 0);
}

function indexOf({ elements }: VisitorRecord, isOf: (code: Code) => boolean): number {
  return elements.findIndex((element) => isHead(element) && isOf(textOf(element, 0, EXPERIMENT_CODE_BYTES)));
}

function isHead(element: unknown): element is Uint8Array {
  return element instanceof Uint8Array;
}

function headOf(code: Code, { variant, crossedOver, exposedAt, segments }: VisitorState): Buffer {
  const head = Buffer.allocUnsafe(SEGMENTS + segments.length * NAME_CODE_BYTES);
  head.write(code, 0, 'latin1');
  head.writeUIntBE(exposedAt * 2 + (crossedOver ? 1 : 0), TIME, TIME_BYTES);
  head.write(variant, VARIANT, 'latin1');
  segments.forEach((segment, index) => head.write(segment, SEGMENTS + index * NAME_CODE_BYTES, 'latin1'));
  return head;
}

function goalsOf(element: unknown): Map<Code, GoalSums> {
  const goals = new Map<Code, GoalSums>();
  if (!Array.isArray(element)) return goals;
  for (let at = 0; at < element.length; at += 3) {
    const [code, n, v] = [element[at], element[at + 1], element[at + 2]] as unknown[];
    if (!isHead(code) || typeof n !== 'number' || typeof v !== 'number') throw new BrokenRecord('expected a goal');
    goals.set(textOf(code, 0, NAME_CODE_BYTES), { n, v });
  }
  return goals;
}

function bytesOf(code: Code): Buffer {
  return Buffer.from(code, 'latin1');
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to);
}

/** A visitor of a namespace. */
export interface Visitor {
  namespace: string;
  /** 12 bytes that stand for the unit. */
  digest: Buffer;
}

export const VISITOR_DIGEST_BYTES = 12;

export function visitorOf({ namespace, unit }: { namespace: string; unit: string }): Visitor {
  return { namespace, digest: hash('sha256', unit, 'buffer').subarray(0, VISITOR_DIGEST_BYTES) };
}

/** Digests have one length, so that no two visitors have one key. */
export function visitorKey({ namespace, digest }: Visitor): string {
  return digest.toString('latin1') + namespace;
}

export const CONTENT_DIGEST_BYTES = 6;

/**
 * Tells one content of a record from another. Never a counter, which could come round again after a removal or a
 * rollback; never all zeros, which stand for a record that is not there.
 */
export function contentDigest(content: Uint8Array): Buffer {
  const digest = hash('sha256', content, 'buffer').subarray(0, CONTENT_DIGEST_BYTES);
  if (digest.every((byte) => byte === 0)) digest[0] = 1;
  return digest;
}
