import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Who may import whom is in scripts/import-rules.cjs.

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
);
