import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { ImageMenu } from '../charts/image-menu.tsx';

interface ChartCardProps {
  title: string;
  note: string;
  /** Of the saved picture. */
  name: string;
  children: ComponentChildren;
}

export function ChartCard({ title, note, name, children }: ChartCardProps) {
  const card = useRef<HTMLElement>(null);
  return (
    <section class="card chart-card" ref={card}>
      <div class="chart-head">
        <div>
          <h2>{title}</h2>
          <p class="soft">{note}</p>
        </div>
        <ImageMenu card={card} name={name} />
      </div>
      {children}
    </section>
  );
}
