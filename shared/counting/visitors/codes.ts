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
  /**
   * The code of a name: the one that it is known to have, else the first that no other name is known to have.
   * @param reliedOn gets the entry, and those of other names that have taken the codes before it: where they are not what
   *   they are here, the name may have another code
   */
  codeOf: (name: string, reliedOn?: Map<Code, string>) => Code;
}

/**
 * Derives codes from names, so that a dictionary that is lost or rolled back comes back the same. No entry is ever taken
 * out: a name would then have two codes, the one that it has and the one that became free.
 */
export function createDictionary(
  known: Iterable<readonly [Code, string]>,
  bytes: number,
  codeOf: CodeOf = digestCode,
): Dictionary {
  const names = new Map<Code, string>();
  const codes = new Map<string, Code>();
  const overtaken = new Map<string, readonly Code[]>();
  for (const [code, name] of known) learn(code, name);

  function learn(code: Code, name: string): void {
    names.set(code, name);
    codes.set(name, code);
  }

  /** The codes that a name would have had, if others had not had them. */
  function takenBefore(name: string): readonly Code[] {
    const known = overtaken.get(name);
    if (known) return known;
    const taken: Code[] = [];
    for (let attempt = 0; ; attempt += 1) {
      const code = codeOf(name, attempt, bytes);
      if ((names.get(code) ?? name) === name) break;
      taken.push(code);
    }
    overtaken.set(name, taken);
    return taken;
  }

  return {
    nameOf: (code) => names.get(code),
    codeOf(name, reliedOn) {
      const taken = takenBefore(name);
      const code = codes.get(name) ?? codeOf(name, taken.length, bytes);
      learn(code, name);
      for (const before of taken) reliedOn?.set(before, names.get(before) ?? '');
      reliedOn?.set(code, name);
      return code;
    },
  };
}
