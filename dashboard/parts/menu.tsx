import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

interface MenuProps {
  label: ComponentChildren;
  /** Whether a click inside is a choice, after which the menu closes. */
  closes?: boolean;
  children: ComponentChildren;
}

/** Opens below its button; Escape and a click elsewhere close it. */
export function Menu({ label, closes = false, children }: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => details.current?.removeAttribute('open');

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !details.current?.open) return;
    close();
    details.current.querySelector('summary')?.focus();
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !details.current?.contains(relatedTarget)) close();
  };
  const onToggle = () => {
    const closeElsewhere = (event: PointerEvent) => {
      if (event.target instanceof Node && details.current?.contains(event.target)) return;
      removeEventListener('pointerdown', closeElsewhere);
      close();
    };
    if (details.current?.open) addEventListener('pointerdown', closeElsewhere);
  };

  return (
    <details class="menu" ref={details} onKeyDown={onKeyDown} onFocusOut={onFocusOut} onToggle={onToggle}>
      <summary class="button">{label}</summary>
      <div class="menu-body" {...(closes && { onClick: close })}>
        {children}
      </div>
    </details>
  );
}
