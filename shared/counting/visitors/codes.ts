import { hash } from 'node:crypto';

/** Stands for a name in visitors' records: bytes of a digest, one character (latin1) for each. */
export type Code = string;

/** Which names a code may stand for, with how many bytes it has. */
export const EXPERIMENT_CODE_BYTES = 6;
export const NAME_CODE_BYTES = 3;

/** The n-th code that a name may have. Others may have taken it: a collision, which anybody can make, takes the next. */
export type CodeOf = (name: string, attempt: number, bytes: number) => Code;

export const digestCode: CodeOf = (name, attempt, bytes) =>
  hash('sha256', `${attempt}:${name}`, 'buffer').toString('latin1', 0, bytes);

/** Codes of one kind of name: of a namespace's experiments, or of what one experiment names. */
export interface Dictionary {
  /** The name that a code stands for. */
  nameOf: (code: Code) => string | undefined;
  /** The code of a name: the one that it is known to have, else the first that no other name is known to have. */
  codeOf: (name: string) => Code;
}

/** Derives codes from names, so that a dictionary that is lost or rolled back comes back the same. */
export function createDictionary(
  known: Iterable<readonly [Code, string]>,
  bytes: number,
  codeOf: CodeOf = digestCode,
): Dictionary {
  const names = new Map<Code, string>();
  const codes = new Map<string, Code>();
  for (const [code, name] of known) learn(code, name);

  function learn(code: Code, name: string): void {
    names.set(code, name);
    codes.set(name, code);
  }

  return {
    nameOf: (code) => names.get(code),
    codeOf(name) {
      const present = codes.get(name);
      if (present !== undefined) return present;
      let attempt = 0;
      let code = codeOf(name, attempt, bytes);
      while (names.has(code)) code = codeOf(name, (attempt += 1), bytes);
      learn(code, name);
      return code;
    },
  };
}
