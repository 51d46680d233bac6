import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The folders that a folder must not import: the arrows of docs/architecture.md. */
const forbidden = {
  'functions/ingest': [
    'functions/consumer',
    'functions/report',
    'stats',
    'sdk',
    'dashboard',
    'cli',
    'local',
    'bench',
    'tests',
  ],
  'functions/consumer': [
    'functions/ingest',
    'functions/report',
    'stats',
    'sdk',
    'dashboard',
    'cli',
    'local',
    'bench',
    'tests',
  ],
  'functions/report': ['functions/ingest', 'functions/consumer', 'sdk', 'cli', 'local', 'bench', 'tests'],
  'shared/{contract,counting,stores,runtime}': [
    'functions',
    'stats',
    'sdk',
    'dashboard',
    'cli',
    'local',
    'bench',
    'tests',
    'shared/reporting',
  ],
  'shared/reporting': ['functions', 'sdk', 'dashboard', 'cli', 'local', 'bench', 'tests'],
  stats: [
    'functions',
    'shared/(?:counting|reporting|stores|runtime)',
    'sdk',
    'dashboard',
    'cli',
    'local',
    'bench',
    'tests',
  ],
  sdk: ['functions', 'shared', 'stats', 'dashboard', 'cli', 'local', 'bench', 'tests'],
};

const importDirections = Object.entries(forbidden).map(([folder, others]) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            // A path that climbs out of its folder and down into a forbidden one.
            regex: `^(\\.\\./)+(${others.flatMap((other) => [other, other.replace('functions/', '')]).join('|')})(/|$)`,
            message: `${folder} must not import this folder: see docs/architecture.md.`,
          },
        ],
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ['node_modules', 'dist', '**/dist', '.serverless', '.esbuild', '.mem', 'coverage', '**/*.generated.*'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // { left, out, ...rest } is how an object is copied without some of its fields.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      curly: ['error', 'multi-line'],
    },
  },
  { files: ['{local,cli,bench,tests,scripts,examples}/**/*.ts'], rules: { 'no-console': 'off' } },
  ...importDirections,
  {
    files: ['dashboard/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex:
                '^(\\.\\./)+(shared/(?!contract/(answers|definition|figures|statistics)\\.ts)|(functions|stats|sdk|cli|local|bench|tests)/)',
              message: 'dashboard runs in browsers, and needs nothing but the contract of reports.',
            },
          ],
        },
      ],
    },
  },
);
