import type { VisitorRequest } from './visitor-request.ts';

const yes = /^(true|t|yes|y|1|on)$/i;

/** Whether a visitor has asked not to be followed, by `DNT` or by Global Privacy Control. */
export const refusesTracking = (request: Pick<VisitorRequest, 'header'>): boolean =>
  yes.test(request.header('dnt') ?? '') || yes.test(request.header('sec-gpc') ?? '');
