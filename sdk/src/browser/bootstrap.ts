import type { Assignment } from '../experiment/assignment.ts';

/** Experiments' names -> what the server has decided. */
export type Bootstrap = Readonly<Record<string, Assignment>>;

/** What the server's `renderBootstrap` has put into the page. Empty if there is none. */
export const readBootstrap = (elementId = 'mem-bootstrap'): Bootstrap =>
  JSON.parse(document.getElementById(elementId)?.textContent ?? '{}') as Bootstrap;
