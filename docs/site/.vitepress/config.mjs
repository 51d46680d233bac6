import { defineConfig } from 'vitepress';

const link = (text, page) => ({ text, link: `/${page}` });

/** As GitHub makes them, so that a link works in both. */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

export default defineConfig({
  title: 'Mem',
  description: 'Event streaming for A/B tests: every accepted event is counted exactly once',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  srcDir: 'pages',
  outDir: 'dist',
  head: [['link', { rel: 'icon', href: `${process.env.DOCS_BASE ?? '/'}icon.svg` }]],
  lastUpdated: false,
  markdown: { anchor: { slugify }, headers: { slugify } },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: '/icon.svg',
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [link('Quick start', 'quickstart'), link('Operations', 'operations'), link('SDK', 'sdk'), link('API', 'api')],
    sidebar: [
      {
        text: 'First steps',
        items: [
          link('What Mem is', ''),
          link('Quick start', 'quickstart'),
          link('A page with Alephbet', 'examples/alephbet'),
          link("A page with Mem's SDK", 'examples/sdk'),
          link('A server with Express', 'examples/express'),
          link('From Gimel', 'migrating/from-gimel'),
          link('From Lamed', 'migrating/from-lamed'),
        ],
      },
      {
        text: 'Use',
        items: [
          link('Commands', 'commands'),
          link('HTTP API', 'api'),
          link('The SDK', 'sdk'),
          link('SDK reference', 'sdk-api/'),
          link('What the numbers mean', 'statistics'),
        ],
      },
      {
        text: 'Operate',
        items: [
          link('Operations', 'operations'),
          link('Cost', 'cost'),
          link('How far it goes', 'scale'),
          link('Privacy', 'privacy'),
          link('Security', 'security'),
        ],
      },
      {
        text: 'Work on it',
        items: [
          link('Architecture', 'architecture'),
          link('Glossary', 'glossary'),
          link('Testing', 'testing'),
          link('Decisions', 'adr/'),
          link('Contributing', 'contributing'),
          link('Dependencies', 'dependencies'),
          link('Changes', 'changelog'),
        ],
      },
    ],
  },
});
