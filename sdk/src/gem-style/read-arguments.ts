import type { ContextInput } from './experiment-context.ts';

/** An experiment's arguments: the variant may be left out, as may all that follows the name. */
export type ExperimentArguments<Block> =
  | [name: string, context?: ContextInput, block?: Block]
  | [name: string, block?: Block]
  | [name: string, variant: string | undefined, context?: ContextInput, block?: Block]
  | [name: string, variant: string | undefined, block?: Block];

export interface NamedArguments<Block> {
  readonly name: string;
  readonly variant: string | undefined;
  readonly context: ContextInput;
  readonly block: Block | undefined;
}

/** Tells the arguments apart by their kinds. */
export const readArguments = <Block extends (...given: never[]) => unknown>([
  name,
  ...others
]: ExperimentArguments<Block>): NamedArguments<Block> => {
  const named = { name, variant: undefined as string | undefined, context: {}, block: undefined as Block | undefined };
  for (const argument of others) {
    if (typeof argument === 'string') named.variant = argument;
    else if (typeof argument === 'function') named.block = argument;
    else if (argument) named.context = argument;
  }
  return named;
};
