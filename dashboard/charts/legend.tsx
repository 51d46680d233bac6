import { Name } from '../parts/labels.tsx';

interface LegendProps {
  /** The baseline first. */
  variants: readonly string[];
  withoutBaseline?: boolean;
  muted: readonly string[];
  onToggle: (name: string) => void;
}

/** Names of the variants with their colour and sign; each is a button that mutes it. */
export function Legend({ variants, withoutBaseline = false, muted, onToggle }: LegendProps) {
  return (
    <div class="legend" role="group" aria-label="Variants">
      {variants.map((name, index) => {
        if (withoutBaseline && index === 0) return null;
        const isMuted = muted.includes(name);
        return (
          <button
            key={name}
            type="button"
            class={`legend-item ${seriesClass(index)}`}
            aria-pressed={!isMuted}
            onClick={() => onToggle(name)}
          >
            <svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">
              <Marker variantIndex={index} />
            </svg>
            <Name of={name} />
          </button>
        );
      })}
    </div>
  );
}

/** Signs of the variants, in their order: a reader who sees no colours tells them apart by these. */
const paths = [
  'M-4-4h8v8h-8z',
  'M0-4.6a4.6 4.6 0 1 0 0 9.2a4.6 4.6 0 1 0 0-9.2z',
  'M0-5.4 5.4 0 0 5.4-5.4 0z',
  'M0-5 5 4H-5z',
  'M0 5 5-4H-5z',
  'M-4.5-4.5h9v9h-9z',
  'M-1.7-5h3.4v3.3H5v3.4H1.7V5h-3.4V1.7H-5v-3.4h3.3z',
];

export function Marker({ variantIndex, x = 0, y = 0 }: { variantIndex: number; x?: number; y?: number }) {
  const path = paths[variantIndex <= 0 ? 0 : ((variantIndex - 1) % 6) + 1];
  return <path class="marker" d={path} transform={`translate(${x} ${y})`} />;
}

/** Six colours, each with a dash of its own, so that no reader needs the colour. The baseline (0) is grey. */
export function seriesClass(variantIndex: number): string {
  return variantIndex <= 0 ? 'series-0' : `series-${((variantIndex - 1) % 6) + 1}`;
}
