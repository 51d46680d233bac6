/** A page that watches for something to arrive; said once to screen readers. */
export function Waiting({ children }: { children: string }) {
  return (
    <p class="waiting" role="status">
      <span class="pulse" aria-hidden="true" />
      {children}
    </p>
  );
}
