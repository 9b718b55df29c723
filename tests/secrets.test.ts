import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const TOKEN = 'tok/en-of 2026!';
const MADE = 'made-by-the-vault';

const source = `
import { asset, pattern, resource } from '@nx-assets/core';
import { z } from 'zod';
const api = resource({
  description: 'An API with a key.',
  secrets: ['API_TOKEN'],
  open({ env, secret, announce }) {
    secret('${MADE.slice(0, 4)}' + '${MADE.slice(4)}');
    announce('using ' + env.API_TOKEN);
    return { token: env.API_TOKEN ?? '', session: '${MADE.slice(0, 4)}' + '${MADE.slice(4)}' };
  },
});
const Row = z.object({ id: z.int(), echo: z.string() });
export const echoed = asset({
  description: 'An API that says what it was told.',
  resources: { api },
  schema: Row,
  checks: [pattern('echo', /^nothing/, { severity: 'warn' })],
  materialize(_inputs, { resources, log, metadata }) {
    const { token, session } = resources.api;
    log.info('asking with ' + token + ' as ' + session);
    log.info('https://host/?key=' + encodeURIComponent(token));
    metadata({ token, [session]: 1 });
    return [{ id: 1, echo: token }, { id: 2, echo: session }];
  },
});
export const failing = asset({
  description: 'Fails with it in its message.',
  secrets: ['API_TOKEN'],
  retry: { attempts: 2, backoff: '0.01s' },
  schema: Row,
  materialize() {
    throw new Error('refused: ' + process.env.API_TOKEN);
  },
});
export const dying = asset({
  description: 'Says it with its last words.',
  secrets: ['API_TOKEN'],
  isolated: true,
  schema: Row,
  materialize() {
    process.stderr.write('Error: ' + process.env.API_TOKEN + '\\n');
    process.kill(process.pid, 'SIGKILL');
    return [];
  },
});
`;

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = new TestWorkspace({
    'packages/work/package.json': JSON.stringify({ name: 'work', 'nx-assets': {}, type: 'module' }),
    'packages/work/src/index.ts': source,
  });
});
afterAll(() => workspace.dispose());

/** Every file of a run, but the values: what an asset holds is its author's affair. */
function filesWith(text: string): string[] {
  return readdirSync(workspace.root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('node_modules') && !path.endsWith('.parquet'))
    .filter((path) => statSync(join(workspace.root, path)).isFile())
    .filter((path) => readFileSync(join(workspace.root, path)).includes(text));
}

test('a secret reaches no record, log, message, preview or history', async () => {
  const env = { API_TOKEN: TOKEN };
  const run = await workspace.nx(['run-many', '-t', 'materialize'], { env });
  expect(run.code).toBe(1);
  const shown = await Promise.all([
    workspace.nx(['run-many', '-t', 'materialize', '--json'], { env }),
    workspace.command(['show', 'echoed', '--json'], { env }),
    workspace.command(['preview', 'echoed'], { env }),
    workspace.command(['preview', '--sql', 'FROM echoed', '--json'], { env }),
    workspace.command(['logs', 'last'], { env }),
    workspace.command(['why', 'failing'], { env }),
  ]);
  const said = [run, ...shown].map(({ output }) => output).join('\n');
  for (const text of [
    'using [secret]',
    'asking with [secret] as [secret]',
    'key=[secret]',
    'refused: [secret]',
  ]) {
    expect(run.output).toContain(text);
  }
  expect(run.output).toContain('Error: [secret]');
  for (const secret of [TOKEN, encodeURIComponent(TOKEN)]) {
    expect(said.includes(secret)).toBe(false);
    expect(filesWith(secret)).toEqual([]);
  }
  expect(run.output).not.toContain(MADE);
  expect(filesWith(MADE)).toEqual([]);
  expect(filesWith('[secret]').length).toBeGreaterThan(2);
  const record = JSON.parse(workspace.read('output/work/echoed.record.json')) as {
    metadata: object;
    checks: object[];
  };
  const rows = [1, 2].map((id) => ({ id, echo: '[secret]' }));
  expect(record.checks).toMatchObject([{ rows }]);
  expect(record.metadata).toEqual({ token: '[secret]', '[secret]': 1 });
});

test('another value of it makes the asset run again', async () => {
  const run = await workspace.materialize(['run', 'work:echoed'], { env: { API_TOKEN: 'other' } });
  expect(run.assets).toMatchObject([{ reasons: [{ kind: 'env-changed', names: ['API_TOKEN'] }] }]);
});
