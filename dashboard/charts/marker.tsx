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
