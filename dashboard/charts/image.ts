/** What the style sheet says of a shape, which a picture has to say itself. */
const PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'display',
];

/** A chart of the page as a picture that needs no page: colours as they are on the screen now. */
export function toSvgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copyStyle(svg, copy);
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', groundOf(svg));
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** The same as PNG. */
export async function drawImage(svg: SVGSVGElement, fineness = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([toSvgText(svg)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { width, height } = svg.getBoundingClientRect();
    const canvas = document.createElement('canvas');
    canvas.width = width * fineness;
    canvas.height = height * fineness;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas gave no picture'))));
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

function copyStyle(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const property of PROPERTIES) to.setAttribute(property, style.getPropertyValue(property));
  for (const name of ['class', 'tabindex', 'data-row']) to.removeAttribute(name);
  Array.from(from.children).forEach((child, index) => {
    const twin = to.children[index];
    if (twin) copyStyle(child, twin);
  });
}

/** The colour that lies behind the chart: of the nearest element that has one. */
function groundOf(element: Element): string {
  const colour = getComputedStyle(element).backgroundColor;
  if (!/^(transparent|rgba\(.*, 0\))$/.test(colour)) return colour;
  return element.parentElement ? groundOf(element.parentElement) : 'white';
}

/** Gives a file to the browser's downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\p{L}\p{N} ._-]+/gu, '_');
  link.click();
  // The download has begun with the click, but the browser may read the bytes a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
