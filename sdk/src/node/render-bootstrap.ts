import type { Visit } from '../experiment/visit.ts';

/**
 * A script element that hands what the server has decided to the page, so that it shows the right variant at once.
 * It holds data only: no Content-Security-Policy needs to allow it.
 */
export const renderBootstrap = async (
  visits: readonly Pick<Visit, 'name' | 'assign'>[],
  elementId = 'mem-bootstrap',
): Promise<string> => {
  const decided = await Promise.all(visits.map(async (visit) => [visit.name, await visit.assign()] as const));
  // Escaped, so that no name can end the element.
  const json = JSON.stringify(Object.fromEntries(decided)).replace(/</g, '\\u003c');
  return `<script type="application/json" id="${elementId}">${json}</script>`;
};
