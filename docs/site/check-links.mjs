import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every link of the built site that leads nowhere, and everything that a page would fetch from somebody else. */
export function checkLinks(dist, base) {
  const files = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.html'));
  const pages = new Map(files.map((file) => [join(dist, file), readFileSync(join(dist, file), 'utf8')]));
  return [...pages].flatMap(([file, html]) => [
    ...attributes(html, 'a', 'href').flatMap((href) => deadLink(href, { file, dist, base, pages })),
    ...fetched(html).map((address) => `${relative(dist, file)}: is fetched from somebody else: ${address}`),
  ]);
}

function deadLink(href, { file, dist, base, pages }) {
  if (/^(https?|mailto):/.test(href)) return [];
  const [path = '', anchor] = decodeURIComponent(href).split('#');
  const target =
    path === '' ? file : path.startsWith(base) ? join(dist, path.slice(base.length)) : join(file, '..', path);
  const found = [target, join(target, 'index.html'), `${target}.html`].find(
    (one) => existsSync(one) && statSync(one).isFile(),
  );
  const there = found !== undefined && (!anchor || (pages.get(found) ?? '').includes(`id="${anchor}"`));
  return there ? [] : [`${relative(dist, file)}: leads nowhere: ${href}`];
}

const fetched = (html) =>
  [...attributes(html, 'script', 'src'), ...attributes(html, 'link', 'href'), ...attributes(html, 'img', 'src')].filter(
    (address) => /^(https?:)?\/\//.test(address),
  );

const attributes = (html, tag, name) =>
  [...html.matchAll(new RegExp(`<${tag}\\b[^>]*?\\s${name}="([^"]*)"`, 'g'))].map(([, value]) =>
    value.replaceAll('&amp;', '&'),
  );
