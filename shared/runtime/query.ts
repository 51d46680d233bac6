/**
 * Whether percent-encoded text is UTF-8. Decoders put U+FFFD in the place of what is not, so that different names would
 * become one. A percent sign that encodes nothing stands for itself, as URLSearchParams has it.
 */
export function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded.replace(/%(?![0-9a-f]{2})/gi, '%25'));
    return true;
  } catch {
    return false;
  }
}

/** The parameters of a query, in order. What is no UTF-8 in them is broken Unicode, which no check of a name lets pass. */
export function parseQuery(rawQuery: string): [name: string, value: string][] {
  const parameters = [...new URLSearchParams(rawQuery)];
  if (isUtf8(rawQuery)) return parameters;
  return parameters.map(([name, value]) => [name, value.replaceAll('\uFFFD', '\uD800')]);
}
