import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { drawImage, saveBlob, toSvgText } from './image.ts';

interface ImageMenuProps {
  /** Whose chart is saved. */
  card: RefObject<HTMLElement | null>;
  name: string;
}

/** Saves a card's chart as SVG, or as PNG twice as fine as on the screen. */
export function ImageMenu({ card, name }: ImageMenuProps) {
  const [failed, setFailed] = useState(false);
  const chart = () => card.current?.querySelector<SVGSVGElement>('.chart-frame svg');
  const saveSvg = () => {
    const svg = chart();
    if (svg) saveBlob(new Blob([toSvgText(svg)], { type: 'image/svg+xml' }), `${name}.svg`);
  };
  const savePng = () => {
    const svg = chart();
    setFailed(false);
    if (svg) {
      drawImage(svg).then(
        (blob) => saveBlob(blob, `${name}.png`),
        () => setFailed(true),
      );
    }
  };
  return (
    <div class="image-menu">
      {failed && (
        <span class="form-error" role="alert">
          The picture cannot be drawn.
        </span>
      )}
      <Menu
        closes
        label={
          <>
            <Icon name="download" /> Save
          </>
        }
      >
        <button type="button" class="menu-item" onClick={saveSvg}>
          As SVG
        </button>
        <button type="button" class="menu-item" onClick={savePng}>
          As PNG
        </button>
      </Menu>
    </div>
  );
}
