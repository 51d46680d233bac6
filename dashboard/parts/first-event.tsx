import { useState } from 'preact/hooks';
import { pageSnippet } from '../text/page-snippet.ts';

interface FirstEventProps {
  namespace: string;
  experiment: string;
  /** Those that visitors get. */
  variants: readonly [string, ...string[]];
  /** `participate`, or a goal's name. */
  event: string;
}

/** How an event is sent: from a terminal, and from a web page. */
export function FirstEvent({ namespace, experiment, variants, event }: FirstEventProps) {
  const { href: track } = new URL('track', document.baseURI.replace(/\?.*/, ''));
  const query = new URLSearchParams({ namespace, experiment, variant: variants[0], event }).toString();
  return (
    <div class="snippets">
      <Snippet label="From a terminal" code={`curl "${track}?${query}&uuid=$RANDOM$RANDOM"`} />
      <Snippet label="From a web page" code={pageSnippet({ track, namespace, experiment, variants, event })} />
    </div>
  );
}

interface SnippetProps {
  label: string;
  code: string;
}

/** Code to copy. */
export function Snippet({ label, code }: SnippetProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
  };
  return (
    <figure class="snippet">
      <figcaption>
        <span>{label}</span>
        <button type="button" class="button button-quiet" onClick={() => void copy().catch(() => undefined)}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={label}>
        <code dir="ltr">{code}</code>
      </pre>
    </figure>
  );
}

/** A page that watches for something to arrive; said once to screen readers. */
export function Waiting({ children }: { children: string }) {
  return (
    <p class="waiting" role="status">
      <span class="pulse" aria-hidden="true" />
      {children}
    </p>
  );
}
