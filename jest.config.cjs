/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.(ts|tsx|mjs|lua)$': '<rootDir>/tests/support/esbuild-transform.cjs' },
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'lua', 'node'],
  globalSetup: '<rootDir>/tests/support/start-servers.cjs',
  globalTeardown: '<rootDir>/tests/support/stop-servers.cjs',
  maxWorkers: 2,
  testTimeout: 60_000,
};
