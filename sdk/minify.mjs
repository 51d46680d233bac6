// What a page loads is as small as it can be: terser after esbuild, and short names for what only our modules know.
import { build } from 'esbuild';
import { minify } from 'terser';

/**
 * Properties that only our own modules write and read, none of an option, an answer, an event or the page's shared state:
 * these are given short names. A property of this list may not be part of what the package hands out or takes.
 */
const internalNames = [
  'address',
  'capacity',
  'chooseAfresh',
  'excludedBy',
  'forced',
  'hmac',
  'identify',
  'isFleeting',
  'isUncounted',
  'keyOf',
  'known',
  'leave',
  'mayStore',
  'maySend',
  'memory',
  'onRefused',
  'outbox',
  'persist',
  'refresh',
  'refusals',
  'release',
  'resume',
  'retryAfterMs',
  'seen',
  'sharedKey',
  'tracker',
];

/** Chrome 80, Firefox 78, Safari 14. */
export const target = 'es2020';

/** The same short names in each file, so that they fit each other. */
const mangleCache = {};

/**
 * Bundles for browsers. Several entries share what they have in common.
 * @param options of esbuild, with entryPoints or stdin
 * @returns {Promise<{ path: string, code: string }[]>} each file, unwritten
 */
export async function bundleForBrowsers(options) {
  const { outputFiles } = await build({
    format: 'esm',
    target,
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
    mangleProps: new RegExp(`^(${internalNames.join('|')})$`),
    mangleCache,
    // Classes' fields are assigned: shorter, and the same for ours, which have no setters.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, jsx: 'react-jsx' } },
    ...options,
  });
  return Promise.all(outputFiles.map(async ({ path, text }) => ({ path, code: await shorten(text) })));
}

async function shorten(text) {
  const { code } = await minify(text, {
    module: true,
    ecma: 2020,
    compress: { passes: 3, keep_fargs: false },
    format: { ecma: 2020 },
  });
  return code;
}
