import { builtinModules } from 'node:module';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const room = (...names) => names.map((name) => `room:${name}`);
const layer = (...names) => names.map((name) => `layer:${name}`);

/** What an asset group may build on, besides the groups below it. */
const forGroups = [
  'scope:lib',
  ...room('core', 'csv', 'danfo', 'external', 'flow', 'http', 'resources', 'webhook'),
];

/** Who may import whom: the house of ARCHITECTURE.md, as rules. */
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
    allow('scope:lib', ['scope:lib', ...room('core', 'http')]),
    allow('room:core', []),
    allow('room:storage', room('core')),
    allow('room:event-log', room('core')),
    allow('room:engine', room('core', 'storage', 'event-log')),
    allow('room:csv', room('core', 'storage')),
    allow('room:danfo', room('core')),
    allow('room:flow', room('core')),
    allow('room:http', room('core')),
    allow('room:external', room('core', 'http')),
    allow('room:webhook', room('core', 'http')),
    allow('room:resources', room('core', 'http', 'storage')),
    allow('room:daemon', room('core', 'engine', 'event-log')),
    allow('room:console', room('core')),
    allow('room:console-web', room('core', 'console')),
    allow('room:nx-assets', room('core', 'storage', 'engine', 'event-log', 'daemon', 'console')),
    allow('room:testing', ['scope:framework']),
  ];
};
const boundaries = (extra) => ({
  '@nx/enforce-module-boundaries': ['error', { depConstraints: mayImport(extra) }],
});

const tests = ['**/*.test.ts'];
const packages = ['packages/**/*.ts', 'tools/**/*.{ts,tsx}'];

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', '.nx/', 'output/', '**/node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strict],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
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
  { files: ['packages/**/*.test.ts', 'tools/**/*.test.ts'], rules: boundaries(['room:testing']) },
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
  { files: ['tools/nx-assets/src/reporter.ts'], rules: { 'no-console': 'off' } },
);
