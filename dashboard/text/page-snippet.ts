export interface PageSnippetFacts {
  /** Where events go to, such as https://api.example/track. */
  track: string;
  namespace: string;
  experiment: string;
  /** One of them for each visitor, in equal shares. */
  variants: readonly [string, ...string[]];
  /** `participate`, or a goal's name. */
  event: string;
}

/**
 * A few lines that count an event from a page, without the SDK. A visitor has an id that lasts, and everything is made of
 * it: whoever loads the page again has the same variant, and is not counted again.
 */
export function pageSnippet({ track, namespace, experiment, variants, event }: PageSnippetFacts): string {
  const [only, ...others] = variants;
  const variant =
    others.length === 0 ? inCode(only) : `${inCode(variants)}[parseInt(visitor.slice(0, 8), 16) % ${variants.length}]`;
  return `const visitor = (localStorage.visitor ??= crypto.randomUUID());
navigator.sendBeacon(${inCode(track)}, JSON.stringify({
  namespace: ${inCode(namespace)},
  experiment: ${inCode(experiment)},
  variant: ${variant},
  event: ${inCode(event)},
  unit: visitor,
  uuid: visitor,
}));`;
}

function inCode(value: unknown): string {
  return JSON.stringify(value).replaceAll(',"', ', "').replaceAll('<', '\\u003c');
}
