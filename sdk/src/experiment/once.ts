/** Says whether something is new. Forgets everything after `capacity` things: what is then sent again counts once. */
export const createOnce = (capacity: number) => {
  const seen = new Set<string>();

  return (thing: string): boolean => {
    if (seen.has(thing)) return false;
    if (seen.size >= capacity) seen.clear();
    seen.add(thing);
    return true;
  };
};
