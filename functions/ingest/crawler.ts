import { isbot } from 'isbot';

/**
 * What calls itself a browser, or says where it comes from, as crawlers do. Without this, libraries by which servers send
 * their visitors' events (curl, python-requests, Go, axios) would be taken for crawlers, too.
 */
const COMES_TO_PAGES = /^mozilla\/|https?:|bot\b|crawl|spider|headless|preview|lighthouse/i;

/** Whether a user agent says that a crawler, or a browser that a program drives, looks at a page. */
export function isCrawler(userAgent: string | undefined): boolean {
  return userAgent !== undefined && COMES_TO_PAGES.test(userAgent) && isbot(userAgent);
}
