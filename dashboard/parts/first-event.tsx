import { Snippet } from './snippet.tsx';

interface FirstEventProps {
  namespace: string;
  experiment: string;
  variant: string;
  /** `participate`, or a goal's name. */
  event: string;
}

/** How an event is sent: from a terminal, and from a web page. */
export function FirstEvent({ namespace, experiment, variant, event }: FirstEventProps) {
  const track = new URL('track', document.baseURI.replace(/\?.*/, ''));
  const query = new URLSearchParams({ namespace, experiment, variant, event }).toString();
  const fields = JSON.stringify({ namespace, experiment, variant, event }, null, 2).slice(2, -2);
  return (
    <div class="snippets">
      <Snippet label="From a terminal" code={`curl "${track.href}?${query}&uuid=$RANDOM$RANDOM"`} />
      <Snippet
        label="From a web page"
        code={`navigator.sendBeacon('${track.href}', JSON.stringify({\n${fields},\n  "uuid": crypto.randomUUID()\n}));`}
      />
    </div>
  );
}
