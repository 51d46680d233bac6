/** Says whether something is new, and knows the last `capacity` things that it was asked about. */
export const createOnce = (capacity: number) => {
  const seen = new Set<string>();

  return (thing: string): boolean => {
    if (seen.has(thing)) return false;
    seen.add(thing);
    const [oldest = thing] = seen;
    if (seen.size > capacity) seen.delete(oldest);
    return true;
  };
};
