import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parquetMetadata, parquetRead, type DecodedArray, type FileMetaData, type SchemaElement } from 'hyparquet';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { StreamEvent } from '../../contract/event.ts';
import { VERSIONS } from '../../contract/versions.ts';
import { UnusableLogFile, type LogFileHeader, type LoggedEvent } from '../../counting/log/event-log.ts';
import { messageOf } from '../../runtime/errors.ts';

/** Of the rows' meaning. A file of a higher one is left to a newer release. */
const VERSION = VERSIONS.logFile;
/** So many rows are decoded at once: some ten megabytes. */
const ROWS_PER_GROUP = 20_000;
const NO_DIGEST = '0'.repeat(64);

/** The names under which a file's key-value metadata holds what it says of itself. */
const HEADER_KEY = 'mem.file';
const DIGEST_KEY = 'mem.sha256';

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  repetition_type: 'OPTIONAL',
});

/**
 * The columns, as any engine reads them. An uuid that is none (any text will do) is in `uuid_text` instead. Experiment,
 * incarnation and variant are optional: goals that belong to a visitor, and to no experiment, need no other version.
 */
const SCHEMA: SchemaElement[] = [
  text('namespace'),
  text('experiment'),
  { name: 'incarnation', type: 'INT32', repetition_type: 'OPTIONAL' },
  text('variant'),
  text('event'),
  {
    name: 'uuid',
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    logical_type: { type: 'UUID' },
    repetition_type: 'OPTIONAL',
  },
  text('uuid_text'),
  text('unit'),
  { name: 'value', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  text('segments'),
  {
    name: 'received_at',
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    repetition_type: 'REQUIRED',
  },
  text('shard'),
  text('sequence'),
  { name: 'index', type: 'INT32', repetition_type: 'REQUIRED' },
];

/** A file of the log: Parquet, gzip, with a digest of all of it inside. Rows are in stream order. */
export function encodeEventFile(header: LogFileHeader, events: readonly LoggedEvent[]): Uint8Array {
  const file = parquetWriteBuffer({
    schema: [{ name: 'event', num_children: SCHEMA.length }, ...SCHEMA],
    columnData: columnsOf(header.shard, events),
    codec: 'GZIP',
    compressors: { GZIP: (bytes) => gzipSync(bytes) },
    rowGroupSize: ROWS_PER_GROUP,
    kvMetadata: [
      { key: HEADER_KEY, value: JSON.stringify({ version: VERSION, ...header, rows: events.length }) },
      { key: DIGEST_KEY, value: NO_DIGEST },
    ],
    createdBy: 'mem',
  });
  const bytes = Buffer.from(file);
  const at = bytes.lastIndexOf(NO_DIGEST);
  bytes.write(hash('sha256', bytes, 'hex'), at, 'latin1');
  return bytes;
}

function columnsOf(shard: string, events: readonly LoggedEvent[]): ColumnSource[] {
  const column = (name: string, valueOf: (logged: LoggedEvent) => unknown, encoding?: ColumnSource['encoding']) => ({
    name,
    data: events.map(valueOf),
    offsetIndex: false,
    ...(encoding && { encoding }),
  });
  const isUuid = ({ event }: LoggedEvent) => CANONICAL_UUID.test(event.uuid);
  return [
    column('namespace', ({ event }) => event.namespace),
    column('experiment', ({ event }) => event.experiment ?? null),
    column('incarnation', ({ event, incarnation }) => (event.experiment === undefined ? null : incarnation)),
    column('variant', ({ event }) => event.variant ?? null),
    column('event', ({ event }) => event.event),
    // No two are the same: a dictionary would be tried in vain.
    column('uuid', (logged) => (isUuid(logged) ? bytesOfUuid(logged.event.uuid) : null), 'PLAIN'),
    column('uuid_text', (logged) => (isUuid(logged) ? null : logged.event.uuid)),
    column('unit', ({ event }) => event.unit ?? null),
    column('value', ({ event }) => event.value ?? null),
    column('segments', ({ event }) => (event.segments ? JSON.stringify(event.segments) : null)),
    column('received_at', ({ at }) => BigInt(at), 'DELTA_BINARY_PACKED'),
    column('shard', () => shard),
    column('sequence', ({ sequence }) => sequence),
    column('index', ({ index }) => index),
  ];
}

function bytesOfUuid(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** A file that has been found whole. */
export interface EventFile {
  header: LogFileHeader;
  rows: number;
  /** The rows, some ten thousand at a time. */
  pages: () => AsyncIterable<LoggedEvent[]>;
}

/**
 * Opens a file, all of it, so that no row of a damaged one is ever seen.
 * @param name how messages call it
 * @throws UnusableLogFile
 */
export function openEventFile(bytes: Uint8Array, name: string): EventFile {
  const metadata = readMetadata(bytes, name);
  const { version, rows, ...header } = headerOf(metadata, name);
  if (version > VERSION) {
    throw new UnusableLogFile(
      'newer',
      `${name} was written by a newer release (version ${version}; this one reads ${VERSION}): deploy that release, ` +
        'or a later one. Nothing of the file was counted.',
    );
  }
  return { header, rows, pages: () => readRows(bytes, metadata, name) };
}

function readMetadata(bytes: Uint8Array, name: string): FileMetaData {
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(bufferOf(bytes));
  } catch (error) {
    throw damaged(name, messageOf(error), error);
  }
  const digest = metadata.key_value_metadata?.find(({ key }) => key === DIGEST_KEY)?.value ?? '';
  const blank = Buffer.from(bytes);
  const at = digest.length === NO_DIGEST.length ? blank.lastIndexOf(digest) : -1;
  if (at === -1) throw damaged(name, 'it has no digest of its own');
  blank.write(NO_DIGEST, at, 'latin1');
  if (hash('sha256', blank, 'hex') !== digest) throw damaged(name, 'its digest is another one');
  return metadata;
}

function headerOf({ key_value_metadata }: FileMetaData, name: string) {
  const json = key_value_metadata?.find(({ key }) => key === HEADER_KEY)?.value;
  if (json === undefined) throw damaged(name, 'it does not say what it stands for');
  return JSON.parse(json) as LogFileHeader & { version: number; rows: number };
}

function damaged(name: string, reason: string, cause?: unknown): UnusableLogFile {
  return new UnusableLogFile(
    'damaged',
    `${name} is damaged (${reason}). Nothing of it was counted. Put a whole copy in its place: its name and digest ` +
      'never change, so that a copy from a backup is as good as the file itself.',
    { cause },
  );
}

/** Strings of a dictionary come as one object each, so that a page takes little memory. */
async function* readRows(bytes: Uint8Array, metadata: FileMetaData, name: string): AsyncGenerator<LoggedEvent[]> {
  const buffer = bufferOf(bytes);
  const file = { byteLength: buffer.byteLength, slice: (start: number, end?: number) => buffer.slice(start, end) };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const columns = new Map<string, DecodedArray[]>();
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors: { GZIP: (input) => gunzipSync(input) },
      parsers: { uuidFromBytes: textOfUuid, timestampFromMilliseconds: Number },
      onChunk: ({ columnName, columnData }) => {
        columns.set(columnName, [...(columns.get(columnName) ?? []), columnData]);
      },
    });
    yield toEvents(columns, rowEnd - rowStart, name);
    rowStart = rowEnd;
  }
}

function toEvents(columns: ReadonlyMap<string, DecodedArray[]>, rows: number, name: string): LoggedEvent[] {
  const column = <T>(key: string): ArrayLike<T> => {
    const chunks = columns.get(key) ?? [];
    return (
      chunks.length === 1 ? chunks[0] : chunks.flatMap((chunk) => Array.from(chunk as ArrayLike<T>))
    ) as ArrayLike<T>;
  };
  const namespaces = column<string>('namespace');
  const experiments = column<string | null>('experiment');
  const incarnations = column<number | null>('incarnation');
  const variants = column<string | null>('variant');
  const events = column<string>('event');
  const uuids = column<string | null>('uuid');
  const uuidTexts = column<string | null>('uuid_text');
  const units = column<string | null>('unit');
  const values = column<number | null>('value');
  const segments = column<string | null>('segments');
  const times = column<number>('received_at');
  const sequences = column<string>('sequence');
  const indexes = column<number>('index');
  const segmentsOf = rememberSegments();
  return Array.from({ length: rows }, (_, row): LoggedEvent => {
    const [experiment, variant, unit] = [experiments[row], variants[row], units[row]];
    const what = {
      namespace: namespaces[row] ?? '',
      event: events[row] ?? '',
      uuid: uuids[row] ?? uuidTexts[row] ?? '',
    };
    const event = withNames(what, experiment ?? undefined, variant ?? '', unit ?? undefined);
    if (!event) throw damaged(name, `row ${row} names neither an experiment nor a unit`);
    const [value, json] = [values[row], segments[row]];
    if (value !== null && value !== undefined) event.value = value;
    if (json !== null && json !== undefined) event.segments = segmentsOf(json);
    return {
      event,
      incarnation: incarnations[row] ?? 0,
      at: times[row] ?? 0,
      sequence: sequences[row] ?? '',
      index: indexes[row] ?? 0,
    };
  });
}

/** A goal without experiment has a unit; undefined where both are missing. */
function withNames(
  what: Pick<StreamEvent, 'namespace' | 'event' | 'uuid'>,
  experiment: string | undefined,
  variant: string,
  unit: string | undefined,
): StreamEvent | undefined {
  if (experiment === undefined) return unit === undefined ? undefined : { ...what, unit };
  return { ...what, experiment, variant, ...(unit !== undefined && { unit }) };
}

/** The same segments come again and again. */
function rememberSegments(): (json: string) => Record<string, string> {
  const known = new Map<string, Record<string, string>>();
  return (json) => {
    const present = known.get(json);
    if (present) return present;
    const parsed = JSON.parse(json) as Record<string, string>;
    known.set(json, parsed);
    return parsed;
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function textOfUuid(bytes: Uint8Array): string {
  let uuid = '';
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) uuid += '-';
    uuid += HEX[bytes[index] ?? 0] ?? '';
  }
  return uuid;
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
