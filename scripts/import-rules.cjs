// Who may import whom: npm run check:imports. Types count as much as code, and import() as much as import.

/** @type {(from: string, to: string, comment: string) => import('dependency-cruiser').IForbiddenRuleType} */
const forbid = (from, to, comment) => ({
  name: comment
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .replace(/-$/, ''),
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
});

const ABOVE_SHARED = '^(functions|sdk|dashboard|cli|local|deploy|bench|scripts|tests)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Two files that need each other are one subject, or need a third.',
      from: {},
      to: { circular: true },
    },
    forbid('^shared/contract/', '^(?!shared/contract/|node_modules/|node:)[a-z]+/', 'The contract imports nothing.'),
    forbid('^shared/runtime/', `${ABOVE_SHARED}|^stats/|^shared/(counting|reporting|stores)/`, 'runtime serves all.'),
    forbid('^shared/counting/', `${ABOVE_SHARED}|^stats/|^shared/(reporting|stores)/`, 'Counting knows ports only.'),
    forbid('^shared/counting/', '(@aws-sdk|ioredis)', 'Counting knows neither AWS nor Redis.'),
    forbid(
      '^shared/stores/',
      `${ABOVE_SHARED}|^stats/|^shared/reporting/`,
      'Stores do what the ports of counting say.',
    ),
    forbid('^shared/reporting/', ABOVE_SHARED, 'Reporting is below the functions and the page.'),
    forbid('^stats/', `${ABOVE_SHARED}|^shared/(?!contract/)`, 'Statistics are numbers in, numbers out.'),
    forbid('^functions/', '^(sdk|local|deploy|bench|scripts|tests)/', 'Functions are what is deployed.'),
    {
      ...forbid('^functions/([^/]+)/', '^functions/', 'Functions never import each other; two of them recover shards.'),
      to: { path: '^functions/', pathNot: '^functions/($1/|recover-deps)' },
    },
    {
      ...forbid('^functions/(?!operate/)', '^cli/', 'Only one function runs the command.'),
      name: 'only-operate-runs-the-command',
    },
    forbid('^sdk/src/', '^(?!sdk/|node_modules/)[a-z]+/', 'The SDK is a package of its own.'),
    forbid(
      '^dashboard/',
      '^(?!dashboard/|shared/contract/(answers|definition|figures|statistics|report/[a-z-]+)\\.ts|node_modules/)[a-z]+/',
      'The page takes the contract of reports only.',
    ),
    forbid('^cli/', '^(functions|sdk|local|bench|tests)/', 'The command stands on shared/.'),
    forbid('^deploy/', '^(?!deploy/|node_modules/)[a-z]+/', 'What is deployed is told by files of its own.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.mem|\\.serverless|\\.esbuild)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json', '.lua'] },
  },
};
