import { inTime } from '../in-time.ts';
import { canonicalJson, contextKey } from '../key/context-key.ts';
import { requireIdentity } from '../key/usable-id.ts';
import type { Hmac } from '../key/sha256.ts';
import { bucket, evenly } from '../rollout.ts';
import type { Rollout } from '../rollout.ts';
import type { Assignment, Choice, Reason, StickyMemory } from './assignment.ts';
import { controlOf, findVariant, requireVariant, variantNames } from './definition.ts';
import type { Behaviors, Definition, VariantName } from './definition.ts';
import type { Visitor } from './visitor.ts';

export interface DecisionDeps {
  readonly hmac: Hmac;
  readonly keySecret: string;
  readonly memory: StickyMemory | undefined;
  readonly onError: (error: unknown) => void;
  /** How long a store or a rollout may take, in ms. */
  readonly timeoutMs: number;
}

function notTracked<V extends string>(variant: V, reason: Reason, detail?: string): Choice<V> {
  return {
    variant,
    reason,
    tracked: false,
    detail,
  };
}

/** What comes before any draw: one after the other, the first that has something to say decides. */
function chooseByRule<B extends Behaviors, C extends object>(
  definition: Definition<B, C>,
  visitor: Visitor<C>,
): Choice<VariantName<B>> | undefined {
  const control = controlOf(definition);
  if (definition.enabled === false) return notTracked(control, 'disabled', definition.status);
  if (variantNames(definition).length < 2) return notTracked(control, 'disabled', 'fewer than two variants');

  const forced = findVariant(definition, visitor.forced);
  if (forced !== undefined) return notTracked(forced, 'forced');
  if (visitor.excludedBy !== undefined) return notTracked(control, 'excluded', visitor.excludedBy);

  const rule = definition.exclude?.findIndex((isExcluded) => isExcluded(visitor.seen)) ?? -1;
  return rule >= 0 ? notTracked(control, 'excluded', `rule ${rule}`) : undefined;
}

function chooseBySegment<B extends Behaviors, C extends object>(
  definition: Definition<B, C>,
  visitor: Visitor<C>,
): Choice<VariantName<B>> | undefined {
  const segment = definition.segment?.find(({ when }) => when(visitor.seen));
  if (!segment) return undefined;

  const { variant, tracked = false } = segment;
  return { variant, reason: 'targeting', tracked };
}

function isInGroup<C extends object>(
  { exclusive, stickyTo, hashVersion }: Definition<Behaviors, C, string>,
  { context }: Visitor<C>,
): boolean {
  if (!exclusive) return true;

  // Not the key: it differs between experiments, and a group is shared by several.
  const place = bucket(`group/${exclusive.group}`, canonicalJson(stickyTo?.(context) ?? context, hashVersion));
  return place >= exclusive.range[0] && place < exclusive.range[1];
}

async function draw<B extends Behaviors, C extends object>(
  definition: Definition<B, C>,
  visitor: Visitor<C>,
  id: string,
  timeoutMs: number,
): Promise<Choice<VariantName<B>>> {
  const { name, coverage = 1 } = definition;
  if (!isInGroup(definition, visitor)) return notTracked(controlOf(definition), 'excluded', 'group');

  const variants = variantNames(definition);
  const rollout: Rollout<VariantName<B>> = definition.rollout ?? evenly(variants);
  const wanted = await inTime(rollout.choose({ name, id, variants, coverage }), timeoutMs);
  if (wanted === undefined) return notTracked(controlOf(definition), 'excluded', 'coverage');

  return { variant: requireVariant(definition, wanted), reason: 'split', tracked: true };
}

/** What the variant hangs on where it is not the visitor, as a key. */
function sharedKey<B extends Behaviors, C extends object>(
  { name, stickyTo, hashVersion }: Definition<B, C>,
  { context }: Visitor<C>,
  { hmac, keySecret }: DecisionDeps,
): string | undefined {
  if (!stickyTo) return undefined;
  const shared = { stickyTo: stickyTo(context) };
  requireIdentity(shared);
  return contextKey(hmac, keySecret, name, shared, hashVersion);
}

/** Chooses a visitor's variant. Rejects if a rule, a store or a rollout does, or if nothing says who they are. */
async function choose<B extends Behaviors, C extends object>(
  definition: Definition<B, C>,
  visitor: Visitor<C>,
  deps: DecisionDeps,
): Promise<Choice<VariantName<B>>> {
  const ruled = chooseByRule(definition, visitor);
  if (ruled) return ruled;
  requireIdentity(visitor.context);

  const { memory, onError, timeoutMs } = deps;
  const shared = sharedKey(definition, visitor, deps);
  const chooseAfresh = async () =>
    chooseBySegment(definition, visitor) ?? (await draw(definition, visitor, shared ?? visitor.key, timeoutMs));
  // What nobody will come back to is not worth remembering.
  if (!memory || (shared === undefined && visitor.isFleeting)) return chooseAfresh();

  const find = (name: string | undefined) => findVariant(definition, name);
  return memory.choose({ name: definition.name, sharedKey: shared, visitor, find, chooseAfresh, onError, timeoutMs });
}

/** What is shown where no decision could be made. */
export function assignControl<B extends Behaviors>(
  definition: Pick<Definition<B>, 'variants'>,
  error: unknown,
  key = '',
): Assignment<VariantName<B>> {
  return { ...notTracked(controlOf(definition), 'error', String(error)), key };
}

/** The visitor's assignment. Never rejects: what fails shows the control, is not counted, and goes to `onError`. */
export async function decide<B extends Behaviors, C extends object>(
  definition: Definition<B, C>,
  visitor: Visitor<C>,
  deps: DecisionDeps,
): Promise<Assignment<VariantName<B>>> {
  const { key, unit, isFleeting, isUncounted } = visitor;
  try {
    const choice = await choose(definition, visitor, deps);
    return {
      ...choice,
      key,
      unit: choice.unit ?? (isFleeting ? undefined : unit),
      tracked: choice.tracked && !isUncounted,
    };
  } catch (error) {
    deps.onError(error);
    return assignControl(definition, error, key);
  }
}
