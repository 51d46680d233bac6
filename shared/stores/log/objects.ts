/** Where files lie: a bucket of S3, or a folder. Keys are paths with '/' between their parts. */
export interface Objects {
  /** As people would call the place. */
  name: string;
  /** Undefined where there is none. */
  get: (key: string) => Promise<Uint8Array | undefined>;
  /** Writes an object only where there is none under the key, whole or not at all. @returns whether it was written */
  create: (key: string, bytes: Uint8Array) => Promise<boolean>;
  /**
   * Puts another content in the place of an object, whole or not at all, unless somebody else has done so meanwhile.
   * @param read what `get` gave
   * @returns whether it was written
   */
  replace: (key: string, bytes: Uint8Array, read: Uint8Array) => Promise<boolean>;
  /** Keys that begin so, in no order, with the size of each in bytes. */
  list: (prefix: string) => Promise<ReadonlyMap<string, number>>;
}
