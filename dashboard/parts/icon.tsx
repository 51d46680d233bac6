const shapes = {
  up: 'M8 3.5 13.5 12.5h-11z',
  down: 'M8 12.5 2.5 3.5h11z',
  same: 'M3 6.2h10M3 9.8h10',
  wait: 'M4 2.5h8M4 13.5h8M5 2.5v2.5l3 3-3 3v2.5M11 2.5v2.5l-3 3 3 3v2.5',
  problem: 'M8 2 14.5 13.5h-13zM8 6.5v3.3M8 11.8v.1',
  caution: 'M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4M8 5v3.6M8 11v.1',
  note: 'M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4M8 7.5v3.7M8 4.9v.1',
  check: 'm3 8.5 3.3 3.3L13 4.8',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.3 10.3l3.4 3.4',
  download: 'M8 2v8.3M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  edit: 'M10.8 2.6 13.4 5.2 5.6 13 2.5 13.5 3 10.4z',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.3 9.9A5.8 5.8 0 0 1 6.1 2.7a5.8 5.8 0 1 0 7.2 7.2z',
  system: 'M2 3h12v8H2zM5.5 14h5',
  close: 'm3.5 3.5 9 9M12.5 3.5l-9 9',
  back: 'M9.8 3 4.8 8l5 5',
  flag: 'M3.5 14.5v-12M3.5 3h8.5l-2 3 2 3H3.5',
} as const;

const filled: readonly string[] = ['up', 'down'];

export type IconName = keyof typeof shapes;

/** A sign beside a word that says the same, so it is hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class={filled.includes(name) ? 'icon icon-filled' : 'icon'}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
