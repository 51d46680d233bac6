import { Name } from '../parts/name.tsx';
import { Marker } from './marker.tsx';
import { seriesClass } from './series-class.ts';

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
