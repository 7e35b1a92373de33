import eslint from '@eslint/js';
import globals from 'globals';
import typescript from 'typescript-eslint';

const unused = { args: 'none', varsIgnorePattern: '^_', ignoreRestSiblings: true };

export default typescript.config(
  // Made by the build; and what tests compile with settings of their own.
  { ignores: ['dist/', 'native/', 'npm/', 'node_modules/', 'test/types/', '**/.next/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
    rules: { 'no-unused-vars': ['error', unused] },
  },
  {
    // Tests write numbers that must not survive, and say in their own words what went wrong.
    files: ['test/**'],
    rules: { 'no-loss-of-precision': 'off', 'preserve-caught-error': 'off' },
  },
  {
    files: ['ts/**/*.{ts,mts}'],
    extends: [typescript.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: process.cwd() },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', unused],
      // A class whose fields come from a record declares them by an interface of its name.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-unsafe-declaration-merging': 'off',
      // Frameworks are extended by declarations, ask for async functions, and hand over `any`.
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // A signal's reason is thrown as it is, whatever it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      // The package is CommonJS.
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
);
