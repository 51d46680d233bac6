/** What a visitor is recognised by. A key is made of all of it, so it holds what stays: ids, not moods. */
export type ContextValue =
  string | number | boolean | null | undefined | readonly ContextValue[] | { readonly [name: string]: ContextValue };

export type Context = Readonly<Record<string, ContextValue>>;
