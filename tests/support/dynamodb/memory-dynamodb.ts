import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  ProvisionedThroughputExceededException,
  type AttributeValue,
  type BatchExecuteStatementCommandInput,
  type BatchGetItemCommandInput,
  type DeleteItemCommandInput,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { holds, order, projected, updated, type Item, type Substitutions } from './expressions.ts';

export interface TableLayout {
  keys: readonly [partition: string] | readonly [partition: string, sort: string];
  /** The attribute with the time (seconds) after which an item is removed: here at once, on AWS within days. */
  expires?: string;
}

/** A command as the stores send it. */
export interface Command {
  name: string;
  input: object;
}

/** Which of a command's parts (keys, statements; the command itself is part 0) find the table too busy. */
export type Throttle = (part: number) => boolean;

/** Tables in memory that evaluate the very expressions which the stores send, and nothing that they do not send. */
export interface MemoryDynamoDB {
  client: DynamoDBClient;
  /** What DynamoDB answers to one command. @throws what the SDK throws */
  answer: (command: Command, throttle?: Throttle) => object;
  /** An item as it is now. */
  item: (table: string, key: Item) => Item | undefined;
  /** The living items of a partition, in the order of their sort keys. */
  items: (table: string, partition: string) => Item[];
  /** Everything that an item has ever been, the newest last. */
  versions: (table: string, key: Item) => readonly Item[];
  /** Every item that was ever written into a table, the newest version of each. */
  everWritten: (table: string) => Item[];
}

interface Stored {
  /** Undefined once it is deleted. */
  item: Item | undefined;
  /** What it was before its last write. */
  before: Item | undefined;
  /** How many writes its table had taken after that one. */
  write: number;
  key: Item;
  versions: Item[];
}

interface Table extends TableLayout {
  /** Partition -> sort key -> item. */
  partitions: Map<string, Map<string, Stored>>;
  writes: number;
}

/** So many of a table's newest writes may be unknown to a read that is eventually consistent. */
const NEWEST = 40;
/** Of DynamoDB's answers; a page of a query is short here, so that there are several. */
const MOST_KEYS = 100;
const MOST_STATEMENTS = 25;
const ITEMS_PER_PAGE = 3;

/** @param now ms since 1970 */
export function createMemoryDynamoDB(
  layouts: Readonly<Record<string, TableLayout>>,
  now: () => number,
): MemoryDynamoDB {
  const tables = new Map<string, Table>(
    Object.entries(layouts).map(([name, layout]) => [name, { ...layout, partitions: new Map(), writes: 0 }]),
  );

  function tableOf(name: string | undefined): Table {
    const table = tables.get(name ?? '');
    if (!table) throw refusal('ResourceNotFoundException', `no table ${name}`);
    return table;
  }

  function read(table: Table, key: Item, consistent: boolean | undefined): Item | undefined {
    const stored = find(table, key);
    const isNew = stored && stored.write + NEWEST > table.writes;
    return alive(table, consistent !== true && isNew ? stored.before : stored?.item);
  }

  function alive(table: Table, item: Item | undefined): Item | undefined {
    const expires = table.expires === undefined ? undefined : item?.[table.expires]?.N;
    return expires !== undefined && Number(expires) * 1_000 < now() ? undefined : item;
  }

  /** Writes what `change` makes of the item that is there, if the condition holds for it. */
  function write(
    table: Table,
    key: Item,
    input: Pick<PutItemCommandInput, 'ConditionExpression' | 'ReturnValuesOnConditionCheckFailure'> & Substitutions,
    change: (before: Item | undefined) => Item | undefined,
  ): { before: Item | undefined; after: Item | undefined } {
    const before = read(table, key, true);
    if (input.ConditionExpression !== undefined && !holds(input.ConditionExpression, before ?? {}, input)) {
      const shown = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before;
      throw new ConditionalCheckFailedException({ message: '', $metadata: {}, ...(shown && { Item: shown }) });
    }
    const after = change(before);
    store(table, key, before, after);
    return { before, after };
  }

  function find(table: Table, key: Item): Stored | undefined {
    return table.partitions.get(keyText(key[table.keys[0]]))?.get(sortText(table, key));
  }

  function store(table: Table, key: Item, before: Item | undefined, after: Item | undefined): void {
    const partitionKey = keyText(key[table.keys[0]]);
    const partition = table.partitions.get(partitionKey) ?? new Map<string, Stored>();
    table.partitions.set(partitionKey, partition);
    const versions = partition.get(sortText(table, key))?.versions ?? [];
    if (after) versions.push(after);
    table.writes += 1;
    partition.set(sortText(table, key), { item: after, before, write: table.writes, key, versions });
  }

  const operations: Record<string, (input: never, throttle: Throttle) => object> = {
    GetItem(input: GetItemCommandInput) {
      checkUse(input);
      const item = read(tableOf(input.TableName), input.Key ?? {}, input.ConsistentRead);
      return withItem('Item', item && askedOf(item, input));
    },

    PutItem(input: PutItemCommandInput) {
      checkUse(input);
      const { Item = {} } = input;
      const table = tableOf(input.TableName);
      const { before } = write(table, keyIn(table, Item), input, () => Item);
      return withItem('Attributes', input.ReturnValues === 'ALL_OLD' ? before : undefined);
    },

    UpdateItem(input: UpdateItemCommandInput) {
      checkUse(input);
      const { Key = {}, UpdateExpression = '', ReturnValues = 'NONE' } = input;
      const { before, after } = write(tableOf(input.TableName), Key, input, (found) =>
        updated(UpdateExpression, found ?? { ...Key }, input),
      );
      return withItem('Attributes', ReturnValues.endsWith('NEW') ? after : before);
    },

    DeleteItem(input: DeleteItemCommandInput) {
      checkUse(input);
      const { before } = write(tableOf(input.TableName), input.Key ?? {}, input, () => undefined);
      return withItem('Attributes', input.ReturnValues === 'ALL_OLD' ? before : undefined);
    },

    BatchGetItem({ RequestItems = {} }: BatchGetItemCommandInput, throttle) {
      const [asked, ...others] = Object.entries(RequestItems);
      if (!asked || others.length > 0) throw refusal('ValidationException', 'expected the keys of one table');
      const [name, request] = asked;
      const table = tableOf(name);
      const keys = request.Keys ?? [];
      checkKeys(keys);
      checkUse(request);
      const found = keys.flatMap((key, index) => {
        const item = throttle(index) ? undefined : read(table, key, request.ConsistentRead);
        return item ? [askedOf(item, request)] : [];
      });
      const left = keys.filter((_, index) => throttle(index));
      // The order of the answers is nobody's promise.
      return {
        Responses: { [name]: found.reverse() },
        UnprocessedKeys: left.length > 0 ? { [name]: { ...request, Keys: left } } : {},
      };
    },

    Query(input: QueryCommandInput) {
      checkUse(input);
      const table = tableOf(input.TableName);
      const { KeyConditionExpression = '', ExclusiveStartKey, Limit = ITEMS_PER_PAGE } = input;
      const sort = table.keys[1] ?? table.keys[0];
      const after = (item: Item) => !ExclusiveStartKey || (order(ExclusiveStartKey[sort], item[sort]) ?? 0) < 0;
      const wanted = [...table.partitions.values()]
        .flatMap((partition) => [...partition.values()])
        .map(({ key }) => read(table, key, input.ConsistentRead))
        .filter((item) => item !== undefined)
        .filter((item) => holds(KeyConditionExpression, item, input) && after(item))
        .sort((a, b) => order(a[sort], b[sort]) ?? 0);
      const page = wanted.slice(0, Math.min(Limit, ITEMS_PER_PAGE));
      const last = wanted.length > page.length ? page.at(-1) : undefined;
      const items = page
        .filter((item) => input.FilterExpression === undefined || holds(input.FilterExpression, item, input))
        .map((item) => askedOf(item, input));
      return { Items: items, Count: items.length, ...(last && { LastEvaluatedKey: keyIn(table, last) }) };
    },

    BatchExecuteStatement({ Statements = [] }: BatchExecuteStatementCommandInput, throttle) {
      if (Statements.length > MOST_STATEMENTS) throw refusal('ValidationException', `more than ${MOST_STATEMENTS}`);
      const inserted = new Set<string>();
      const Responses = Statements.map((statement, index) => {
        const [name, item] = readInsert(statement.Statement ?? '', statement.Parameters ?? []);
        const table = tableOf(name);
        const key = keyIn(table, item);
        if (inserted.has(keyTextOf(key))) throw refusal('ValidationException', 'the same item twice');
        inserted.add(keyTextOf(key));
        if (throttle(index)) return { Error: { Code: 'ProvisionedThroughputExceeded' } };
        const before = read(table, key, true);
        if (before) {
          const shown = statement.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
          return { Error: { Code: 'DuplicateItem', ...(shown && { Item: before }) } };
        }
        store(table, key, before, item);
        return { TableName: name };
      });
      return { Responses };
    },
  };

  function answer({ name, input }: Command, throttle: Throttle = () => false): object {
    const operation = operations[name];
    if (!operation) throw new Error(`the tables in memory do not know ${name}: tests/support/dynamodb has to learn it`);
    if (throttle(0) && !HAS_PARTS.has(name)) {
      throw new ProvisionedThroughputExceededException({ message: 'too many requests', $metadata: {} });
    }
    return { $metadata: {}, ...operation(input as never, throttle) };
  }

  return {
    client: createClient((command) => Promise.resolve().then(() => answer(command))),
    answer,
    item: (name, key) => read(tableOf(name), key, true),
    items: (name, partition) => {
      const table = tableOf(name);
      return [...(table.partitions.get(keyText({ S: partition }))?.values() ?? [])]
        .map(({ item }) => alive(table, item))
        .filter((item) => item !== undefined)
        .sort((a, b) => order(a[table.keys[1] ?? ''], b[table.keys[1] ?? '']) ?? 0);
    },
    versions: (name, key) => find(tableOf(name), key)?.versions ?? [],
    everWritten: (name) =>
      [...tableOf(name).partitions.values()]
        .flatMap((partition) => [...partition.values()])
        .map(({ versions }) => versions.at(-1))
        .filter((item) => item !== undefined),
  };
}

/** These are answered in part where the table is too busy. */
const HAS_PARTS = new Set(['BatchGetItem', 'BatchExecuteStatement']);

/** A client for the stores, whose requests go to `send` instead of the network. */
export function createClient(send: (command: Command) => Promise<object>): DynamoDBClient {
  // The SDK's paginators ask for an instance of the class; everything else of it stays unused.
  const client = Object.create(DynamoDBClient.prototype) as DynamoDBClient;
  return Object.assign(client, {
    send: (command: { constructor: { name: string }; input: object }) =>
      send({ name: command.constructor.name.replace(/Command$/, ''), input: command.input }),
    destroy: () => undefined,
  });
}

/** What of an item was asked for. */
function askedOf(item: Item, request: Expressions): Item {
  return request.ProjectionExpression ? projected(request.ProjectionExpression, item, request) : item;
}

function withItem(name: string, item: Item | undefined): object {
  return item ? { [name]: item } : {};
}

function keyIn({ keys }: TableLayout, item: Item): Item {
  return Object.fromEntries(keys.map((name) => [name, item[name] ?? missing(name)]));
}

function missing(name: string): never {
  throw refusal('ValidationException', `the key ${name} is missing`);
}

function sortText({ keys }: TableLayout, key: Item): string {
  return keys[1] === undefined ? '' : keyText(key[keys[1]]);
}

function keyText(value: AttributeValue | undefined): string {
  if (value?.B) return `B${Buffer.from(value.B).toString('latin1')}`;
  return value?.S === undefined ? `N${value?.N ?? missing('of an item')}` : `S${value.S}`;
}

function keyTextOf(key: Item): string {
  return Object.values(key).map(keyText).join('\0');
}

function checkKeys(keys: readonly Item[]): void {
  if (keys.length === 0 || keys.length > MOST_KEYS) throw refusal('ValidationException', `${keys.length} keys`);
  const different = new Set(keys.map(keyTextOf));
  if (different.size < keys.length) throw refusal('ValidationException', 'the same key twice');
}

type Expressions = Substitutions &
  Partial<
    Record<
      | 'ConditionExpression'
      | 'UpdateExpression'
      | 'KeyConditionExpression'
      | 'FilterExpression'
      | 'ProjectionExpression',
      string | undefined
    >
  >;

/** DynamoDB refuses names and values that no expression uses. */
function checkUse(input: object): void {
  const expressions: Expressions = input;
  const { ConditionExpression, UpdateExpression, KeyConditionExpression, FilterExpression, ProjectionExpression } =
    expressions;
  const text = [ConditionExpression, UpdateExpression, KeyConditionExpression, FilterExpression, ProjectionExpression]
    .filter((expression) => expression !== undefined)
    .join(' ');
  const words = new Set(text.match(/[#:]\w+/g));
  for (const given of [expressions.ExpressionAttributeNames, expressions.ExpressionAttributeValues]) {
    for (const name of Object.keys(given ?? {})) {
      if (!words.has(name)) throw refusal('ValidationException', `${name} is used in no expression: ${text}`);
    }
  }
}

/** `INSERT INTO "table" VALUE {'id': ?, 'owner': ?}`: the one statement that the stores send. */
function readInsert(statement: string, parameters: readonly AttributeValue[]): [table: string, item: Item] {
  const [, table = '', attributes = ''] = /^INSERT INTO "([^"]+)" VALUE \{(.*)\}$/i.exec(statement.trim()) ?? [];
  const names = [...attributes.matchAll(/'([^']+)'\s*:\s*\?/g)].flatMap(([, name]) => name ?? []);
  if (names.length === 0 || names.length !== parameters.length) {
    throw refusal('ValidationException', `not an INSERT with a parameter for each attribute: ${statement}`);
  }
  return [
    table,
    Object.fromEntries(names.flatMap((name, index) => (parameters[index] ? [[name, parameters[index]]] : []))),
  ];
}

function refusal(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
