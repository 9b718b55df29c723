import { builtinModules } from 'node:module';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const tool = (...names) => names.map((name) => `package:${name}`);
const layer = (...names) => names.map((name) => `layer:${name}`);

/** What an asset group may build on, besides the groups below it. */
const forGroups = [
  'scope:lib',
  ...tool('core', 'csv', 'danfo', 'external', 'flow', 'http', 'resources', 'webhook'),
];

/** Who may import whom: what ARCHITECTURE.md draws, as rules. A test compares the two with the code. */
const mayImport = (extra = []) => {
  const allow = (sourceTag, tags) => ({ sourceTag, onlyDependOnLibsWithTags: [...tags, ...extra] });
  return [
    allow('layer:sources', forGroups),
    allow('layer:transforms', [...layer('sources'), ...forGroups]),
    allow('layer:analytics', [...layer('sources', 'transforms'), ...forGroups]),
    allow('layer:exports', [...layer('sources', 'transforms', 'analytics'), ...forGroups]),
    allow('layer:jobs', [...layer('sources', 'transforms', 'analytics', 'exports'), ...forGroups]),
    allow('layer:simple', forGroups),
    allow('layer:events', forGroups),
    allow('layer:dynamic', [...layer('events'), ...forGroups]),
    allow('layer:automation', [...layer('exports', 'events', 'dynamic', 'jobs'), ...forGroups]),
    allow('scope:lib', ['scope:lib', ...tool('core', 'http')]),
    allow('package:core', []),
    allow('package:storage', tool('core')),
    allow('package:event-log', tool('core')),
    allow('package:engine', tool('core', 'storage')),
    allow('package:csv', tool('core')),
    allow('package:danfo', tool('core')),
    allow('package:flow', tool('core')),
    allow('package:http', tool('core')),
    allow('package:external', tool('core', 'http')),
    allow('package:webhook', tool('core', 'http')),
    allow('package:resources', tool('core', 'http', 'storage')),
    allow('package:workspace', tool('core', 'storage', 'event-log', 'engine')),
    allow('package:runner', tool('core', 'storage', 'event-log', 'engine', 'workspace')),
    allow('package:daemon', tool('core', 'storage', 'event-log', 'engine', 'workspace', 'runner')),
    allow('package:console', tool('core', 'storage', 'event-log', 'engine', 'workspace', 'runner', 'daemon')),
    allow('package:console-web', tool('core', 'console')),
    allow(
      'package:nx-assets',
      tool('core', 'storage', 'event-log', 'engine', 'workspace', 'runner', 'daemon', 'console'),
    ),
    allow('package:testing', tool('core', 'storage', 'engine')),
  ];
};
const boundaries = (extra) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      depConstraints: mayImport(extra),
      // Commands load a file when they need it: that says nothing of the other files of its package.
      checkDynamicDependenciesExceptions: ['.*'],
    },
  ],
});

/** Tests, and what only tests use. */
const tests = [
  '**/*.test.ts',
  '**/test-support.ts',
  '**/test-workspace.ts',
  '**/*.fixture.ts',
  '**/*.contract.ts',
];
const packages = ['packages/**/*.ts', 'tools/**/*.{ts,tsx}'];

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', '.nx/', 'output/', '**/node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strict],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: {
        // One program for all, as `tsc -p .` has it: one for each package takes three times as long.
        project: ['./tsconfig.json', './tools/console-web/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // `T | void` is how a function says that it may return nothing.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // The rules that need types and find bugs; the rest of the type-aware sets is taste, at several CPU seconds.
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  { files: ['tools/console-web/**/*.{ts,tsx}'], ...reactHooks.configs.flat.recommended },
  { files: packages, ignores: tests, rules: boundaries() },
  { files: tests, rules: boundaries(['package:testing']) },
  {
    files: ['tools/core/src/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.filter((name) => !name.startsWith('_')),
          patterns: [
            { group: ['node:*'], message: 'The core does no I/O: it runs wherever JavaScript does.' },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'require', '__dirname'],
    },
  },
  { files: ['tools/runner/src/terminal.ts'], rules: { 'no-console': 'off' } },
);
