import { inTime } from '../in-time.ts';
import { requireIdentity } from '../key/usable-id.ts';
import type { Assignment, MemoryRequest, Recognisable, StickyMemory, StickyStore } from './assignment.ts';

type Remembered = Partial<Pick<Assignment, 'variant' | 'unit'>>;

/** What is stored under an id, or nothing if there is nothing or something else's value. */
async function recall(store: StickyStore, id: string, timeoutMs: number): Promise<Remembered> {
  const stored = await inTime(store.get(id), timeoutMs);
  try {
    return (JSON.parse(stored ?? '{}') as Remembered | null) ?? {};
  } catch {
    return {};
  }
}

/** Whether a context tells visitors apart; where not, `onError` hears why. */
function identifies(context: object, onError: (error: unknown) => void): boolean {
  try {
    requireIdentity(context);
    return true;
  } catch (error) {
    onError(error);
    return false;
  }
}

function asList(value: object | readonly object[] | undefined): readonly object[] {
  return value === undefined ? [] : [value].flat();
}

/** Keys that the visitor had before, the most telling first. */
function formerKeys(
  { context, keyOf, migratedFrom, migratedWith }: Recognisable,
  onError: (error: unknown) => void,
): readonly string[] {
  return (
    [...asList(migratedFrom), ...migratedWith.flatMap(asList).map((part) => ({ ...context, ...part }))]
      // A context that fits many would hand one visitor's variant to all of them.
      .filter((earlier) => identifies(earlier, onError))
      .map(keyOf)
  );
}

/** What a store remembers under the first of these ids, and under which of them. */
async function findFirst<V extends string>(
  store: StickyStore,
  ids: readonly string[],
  { find, timeoutMs }: Pick<MemoryRequest<V>, 'find' | 'timeoutMs'>,
) {
  for (const id of ids) {
    const { variant: name, unit } = await recall(store, id, timeoutMs);
    const variant = find(name);
    if (variant !== undefined) return { id, choice: { variant, reason: 'cached', tracked: true, unit } as const };
  }
  return undefined;
}

/**
 * Lets visitors keep their variants when weights, context or key change. Servers take the store itself; in a page, which
 * seldom needs it, `createExperiments({ stickyStore: rememberIn(store) })`.
 */
export function rememberIn(store: StickyStore): StickyMemory {
  return {
    async choose(request) {
      const { name, sharedKey, visitor, chooseAfresh, onError, timeoutMs } = request;
      const keys = sharedKey === undefined ? [visitor.key, ...formerKeys(visitor, onError)] : [sharedKey];
      const ids = keys.map((key) => `${name}/${key}`);
      const found = await findFirst(store, ids, request);
      const choice = found?.choice ?? (await chooseAfresh());

      const [id = ''] = ids;
      if (found?.id !== id && (choice.reason === 'cached' || choice.reason === 'split')) {
        const unit = sharedKey === undefined ? (choice.unit ?? visitor.unit) : undefined;
        const text = JSON.stringify({ variant: choice.variant, unit });
        // What the store throws at once is caught, too.
        await inTime(new Promise((resolve) => resolve(store.set(id, text))), timeoutMs).catch(onError);
      }
      return choice;
    },
  };
}
