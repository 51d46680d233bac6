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
  choice: <T extends string>(message: string, options: { value: T; label: string }[], initial: T) => Promise<T>;
  yes: (message: string, initial: boolean) => Promise<boolean>;
}

export const askAtTerminal: Ask = {
  text: async ({ message, validate, initial, example }) =>
    answered(await text({ message, placeholder: example, initialValue: initial, defaultValue: '', validate: (answer) => validate(answer ?? '') })),
  secret: async ({ message, validate }) => answered(await password({ message, validate: (answer) => validate(answer ?? '') })),
  choice: async (message, options, initialValue) => {
    const listed = options.map(({ value, label }) => ({ value: value as string, label }));
    const chosen = answered(await select({ message, options: listed, initialValue: initialValue as string }));
    const found = options.find(({ value }) => value === chosen);
    if (!found) throw new Cancelled();
    return found.value;
  },
  yes: async (message, initialValue) => answered(await confirm({ message, initialValue })),
};

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new Cancelled();
  return answer as Exclude<T, symbol>;
}
