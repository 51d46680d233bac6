// Everything: `npm test`. One part: `npx jest --selectProjects unit` (needs no server), store, chaos, deploy or e2e.

/** How much slower than an idle machine this one may be: MEM_TEST_PATIENCE=4 gives every test four times as long. */
const patience = Number(process.env.MEM_TEST_PATIENCE ?? '1');

/** @type {(name: string, folders: string[], more?: object) => object} */
const project = (name, folders, more = {}) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: folders.map((folder) => `<rootDir>/tests/${folder}`),
  testMatch: ['**/*.test.ts'],
  transform: {
    'dashboard/page\\.html$': '<rootDir>/tests/support/jest/page-transform.cjs',
    '\\.(ts|tsx|mjs|lua)$': '<rootDir>/tests/support/jest/esbuild-transform.cjs',
    'hyparquet[a-z-]*/src/.*\\.js$': '<rootDir>/tests/support/jest/esbuild-transform.cjs', // ES modules only
  },
  transformIgnorePatterns: ['/node_modules/(?!hyparquet)'],
  setupFiles: ['<rootDir>/tests/support/jest/quiet.cjs'],
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'lua', 'node'],
  ...more,
});

/** Servers that every test of a project shares: Redis, Kinesis and DynamoDB. */
const withServers = {
  globalSetup: '<rootDir>/tests/support/jest/start-servers.ts',
  globalTeardown: '<rootDir>/tests/support/jest/stop-servers.ts',
};

/** For tests of whole systems and of hundreds of schedules, and for a failing one's search for its shortest form. */
const patiently = { setupFilesAfterEnv: ['<rootDir>/tests/support/jest/patience.cjs'] };

/** @type {import('jest').Config} */
module.exports = {
  // Whole systems wait for each other half of the time: a third worker uses that on two cores.
  maxWorkers: 3,
  testSequencer: '<rootDir>/tests/support/jest/longest-first.cjs',
  testTimeout: 60_000 * patience,
  // `npm run coverage`: what tests run in their own process. What runs only in processes of its own is not in it.
  coverageProvider: 'v8',
  coverageReporters: ['lcov', 'text-summary', ['text', { file: 'coverage.txt' }]],
  collectCoverageFrom: [
    '{cli,deploy,functions,local,shared,stats}/**/*.{ts,cjs}',
    'sdk/src/**/*.ts',
    '!**/*.generated.cjs',
  ],
  projects: [
    project('unit', ['unit', 'property']),
    project('store', ['store'], withServers),
    project('chaos', ['chaos'], { ...withServers, ...patiently }),
    project('deploy', ['deploy']),
    project('e2e', ['e2e'], { ...withServers, ...patiently }),
  ],
};
