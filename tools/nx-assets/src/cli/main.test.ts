import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, SHOP } from '../test-support.ts';

const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
const outside = realpathSync(mkdtempSync(join(tmpdir(), 'no-workspace-')));
// The first command loads the definitions, in a process of its own.
beforeAll(() => command(root, 'ls'), 60_000);
afterAll(() => {
  workspace.dispose();
  rmSync(outside, { recursive: true });
});

describe('a command line that is wrong', () => {
  test.each([
    [['shwo', 'raw'], "unknown command 'shwo'\n(Did you mean show?)"],
    [['ls', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    [['why'], "missing required argument 'asset'"],
    [['show', 'raw', 'upper'], "too many arguments for 'show'"],
    [['runs', '--limit', '0'], 'It must be a whole number greater than 0.'],
    [['runs', '--limit', '1.5'], 'It must be a whole number greater than 0.'],
    [['runs', '--limit', 'many'], 'It must be a whole number greater than 0.'],
    [['backfill', 'days', '--retries', '-1'], 'It must be a whole number, 0 or greater.'],
    [['console', '--port', '65536'], 'It must be a port number from 0 to 65535.'],
    [['automation', 'stauts'], "unknown command 'stauts'"],
    [['why', 'upperr'], 'SELECTION_INVALID: There is no asset upperr (did you mean upper?).'],
    [['ls', 'group:shopp'], 'SELECTION_INVALID: No asset matches group:shopp (did you mean group:shop?).'],
    [['ls', 'raw and'], 'SELECTION_INVALID'],
    [['preview'], 'COMMAND_INVALID: Give an asset, or --sql and a query.'],
    [['preview', 'raw', '--sql', 'SELECT 1'], 'COMMAND_INVALID: Give an asset or --sql, not both.'],
    [['preview', 'raw', '--partition', 'x'], 'PARTITION_UNKNOWN: shop/raw has no partitions.'],
    [['backfill'], 'COMMAND_INVALID: Give an asset, --resume or --list.'],
    [['jobs', 'nightlyy'], 'COMMAND_INVALID: There is no job nightlyy (did you mean nightly?).'],
    [['runs', '--status', 'well'], 'COMMAND_INVALID: Unknown status "well".'],
    [['runs', 'toString'], 'COMMAND_INVALID: There is no run toString.'],
    [['logs', 'last'], 'COMMAND_INVALID: There is no run last.'],
    [['completion', 'constructor'], 'COMMAND_INVALID: Unsupported shell: constructor.'],
    [
      ['automation', 'history', 'at_non'],
      'COMMAND_INVALID: There is no schedule, sensor or condition called at_non',
    ],
  ])('%j ends with 2 and says why, on standard error alone', async (argv, text) => {
    const { code, stdout, stderr } = await command(root, ...argv);
    expect(stderr).toContain(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('says what to do instead', async () => {
    expect((await command(root, 'runs', '--status', 'well')).stderr).toBe(
      '\n✖ COMMAND_INVALID: Unknown status "well".\n  Use one of succeeded, failed, cancelled, lost, running.\n',
    );
  });
});

describe('help', () => {
  test('is an answer, not an error', async () => {
    const { code, stdout, stderr } = await command(root, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: nx-assets /);
    for (const verb of ['plan', 'materialize', 'backfill', 'why', 'automation', 'console', 'completion'])
      expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  test('of a verb says what a selection is, and what a flag is where nobody gives it', async () => {
    const { stdout } = await command(root, 'status', '--help');
    expect(stdout).toContain('selection: assets: a name, group:x, kind:x');
    expect((await command(root, 'preview', '--help')).stdout).toContain(
      'at most this many rows (default: 10)',
    );
  });

  test('hides what only the framework calls', async () => {
    const { code, stdout } = await command(root, 'automation', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('  tick ');
    expect(stdout).not.toContain('run <request>');
  });
});

describe('outside of a workspace', () => {
  test.each([
    [['ls']],
    [['status', '--json']],
    [['runs']],
    [['prune', '--dry-run']],
    [['automation', 'status']],
    [['automation', 'tick']],
    [['materialize']],
    [['console', 'run', 'x']],
  ])('%j fails, and that is no fault of its words', async (argv) => {
    const { code, stdout, stderr } = await command(outside, ...argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`WORKSPACE_MISSING: There is no nx.json in ${outside}, nor above.`);
  });

  test('a completion needs none', async () => {
    expect((await command(outside, 'completion', 'zsh')).code).toBe(0);
  });

  test('a folder inside of one will do', async () => {
    const { stdout } = await command(join(root, 'packages/shop/src'), 'ls', '--names', 'raw');
    expect(stdout).toBe('shop/raw\n');
  });
});

describe('completion', () => {
  const verbs =
    'plan materialize backfill partitions status why ls jobs automation console show preview runs';

  test.each([
    ['bash', 'complete -F _nx_assets nx-assets\n'],
    ['zsh', 'compdef _nx_assets nx-assets\n'],
    ['fish', '(nx-assets ls --names 2>/dev/null)"\n'],
  ])('for %s knows every verb, and asks for the assets', async (shell, end) => {
    const { code, stdout } = await command(root, 'completion', shell);
    expect(code).toBe(0);
    expect(stdout).toContain(`${verbs} logs diff prune completion`);
    expect(stdout).toContain('nx-assets ls --names');
    expect(stdout.endsWith(end)).toBe(true);
  });

  test('of an unknown shell names those that there are', async () => {
    expect((await command(root, 'completion', 'tcsh')).stderr).toContain('Use one of bash, zsh, fish.');
  });
});

describe('what is wrong with the workspace', () => {
  test('ends with 1: definitions that do not load', async () => {
    using broken = new TestWorkspace({
      ...SHOP,
      'packages/shop/src/index.ts': 'throw new Error("no shop");',
    });
    const { code, stdout, stderr } = await command(broken.root, 'ls', '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('DEFINITION_THREW');
    expect(stderr).toContain('no shop');
  });

  test('ends with 1: a group whose entry is not there', async () => {
    using broken = new TestWorkspace(SHOP);
    broken.remove('packages/shop/src/index.ts');
    const { code, stderr } = await command(broken.root, 'status');
    expect(code).toBe(1);
    expect(stderr).toContain('GROUP_ENTRY_MISSING: packages/shop/package.json says');
  });

  test('is nothing where there is no group yet', async () => {
    using empty = new TestWorkspace();
    expect(await command(empty.root, 'ls', '--names')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await command(empty.root, 'ls', '--json')).stdout).toBe('{"version":2,"assets":[]}\n');
    const status = await command(empty.root, 'status', '--exit-code');
    expect(status.code).toBe(0);
    expect(status.stdout.endsWith('\n0 assets\n')).toBe(true);
    expect((await command(empty.root, 'plan', '--exit-code')).code).toBe(0);
    expect((await command(empty.root, 'jobs')).stdout).toBe('No jobs yet.\n');
    expect((await command(empty.root, 'runs')).stdout).toBe('No runs yet.\n');
    expect((await command(empty.root, 'automation', 'status')).stdout).toContain(
      'There are no schedules, sensors or conditions yet.',
    );
  });
});
