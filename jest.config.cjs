/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  transform: {
    'dashboard/page\\.html$': '<rootDir>/tests/support/page-transform.cjs',
    '\\.(ts|tsx|mjs|lua)$': '<rootDir>/tests/support/esbuild-transform.cjs',
  },
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'lua', 'node'],
  globalSetup: '<rootDir>/tests/support/start-servers.ts',
  globalTeardown: '<rootDir>/tests/support/stop-servers.ts',
  maxWorkers: 2,
  testTimeout: 60_000,
};
