import { useState } from 'preact/hooks';

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
