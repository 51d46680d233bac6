import { here, isInBrowser, mayStore, pageState } from './browser/page.ts';
import { isVisitorId, visitorId } from './browser/visitor-id.ts';
import { fnv1a } from './rollout.ts';

const PARAMETER = 'mem_visitor';

/** Long enough to follow a link, and too short for a link that is passed around. */
const LIFETIME_MS = 2 * 60_000;

/**
 * An address of another host of the same owner, with the visitor's id for two minutes: `takeVisitorFromLink` on its page
 * takes it over. Only for hosts that share no domain; the others share a cookie. Unchanged where nothing may be kept.
 */
export function linkWithVisitor(url: string): string {
  const id = visitorId();
  if (!isInBrowser() || !mayStore(pageState())) return url;

  const link = new URL(url, location.href);
  link.searchParams.set(PARAMETER, sign(id, Date.now().toString(36)));
  return link.href;
}

/** Makes the visitor of the link that led here this page's visitor. To be called before `visitorId`. */
export function takeVisitorFromLink(): void {
  if (!here.location || !here.history) return;
  const url = new URL(location.href);
  const given = url.searchParams.get(PARAMETER);
  if (given === null) return;

  url.searchParams.delete(PARAMETER);
  history.replaceState(history.state, '', url.href);
  const [id = '', at = ''] = given.split('.');
  const isFresh = Math.abs(Date.now() - parseInt(at, 36)) < LIFETIME_MS;
  if (isFresh && isVisitorId(id) && sign(id, at) === given) Object.assign(pageState(), { id, isHandedOver: true });
}

/** Fits this browser alone, so that a link that is sent to others makes no visitor of many. */
function sign(id: string, at: string): string {
  return `${id}.${at}.${fnv1a(`${id}${at}${navigator.userAgent}`).toString(36)}`;
}
