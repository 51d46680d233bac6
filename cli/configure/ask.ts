import { confirm, isCancel, password, select, text } from '@clack/prompts';
import { Cancelled } from '../outcome.ts';

/** @returns what is wrong with an answer; undefined where nothing is */
export type Validate = (answer: string) => string | undefined;

interface Question {
  message: string;
  validate: Validate;
}

/** Questions to somebody at a terminal. Each throws Cancelled where the answer is Ctrl-C. */
export interface Ask {
  text: (question: Question & { initial: string; example: string }) => Promise<string>;
  /** What is typed does not show. */
  secret: (question: Question) => Promise<string>;
  choice: (message: string, options: { value: string; label: string }[], initial: string) => Promise<string>;
  yes: (message: string, initial: boolean) => Promise<boolean>;
}

export const askAtTerminal: Ask = {
  text: async ({ message, validate, initial, example }) =>
    answered(
      await text({
        message,
        placeholder: example,
        initialValue: initial,
        defaultValue: '',
        validate: (answer) => validate(answer ?? ''),
      }),
    ),
  secret: async ({ message, validate }) =>
    answered(await password({ message, validate: (answer) => validate(answer ?? '') })),
  choice: async (message, options, initialValue) => answered(await select({ message, options, initialValue })),
  yes: async (message, initialValue) => answered(await confirm({ message, initialValue })),
};

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new Cancelled();
  return answer as Exclude<T, symbol>;
}
