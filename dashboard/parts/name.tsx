/** A name that somebody else chose: plain text of any script, whose writing direction ends with it. */
export function Name({ of }: { of: string }) {
  return <bdi class="name">{of}</bdi>;
}
