import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { AssetError } from '@nx-assets/core';
import type { ConsoleApi } from './api.ts';
import { appOf } from './app.ts';
import { addressesOf, checkBinding, hostAndPort, hostsOf } from './access.ts';
import { Pages } from './pages.ts';

export interface ListenOptions {
  /** Folder of the built pages. */
  readonly pages: string;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  /** `0` for any that is free. */
  readonly port: number;
  /** By which names others may call it: those of a proxy before it, too. */
  readonly names?: readonly string[];
  readonly password?: string | null;
  /** Signs browsers in. Default: a new one. */
  readonly token?: string;
}

export interface Listening {
  /** Where it listens. */
  readonly address: string;
  /** What to open: it signs a browser in, where nobody is asked for a password. */
  readonly open: string;
  close(): Promise<void>;
}

/** A token that nobody can guess. */
export const newToken = (): string => randomBytes(24).toString('base64url');

/** Serves the console. Throws `COMMAND_INVALID` where it must not or cannot listen there. */
export async function listen(api: ConsoleApi, options: ListenOptions): Promise<Listening> {
  const { host = '127.0.0.1', port, names = [], password = null } = options;
  checkBinding(host, names, password);
  const pages = new Pages(options.pages);
  const token = options.token ?? newToken();
  // Filled in when the port is known; nobody is answered before.
  const hosts = new Set<string>();
  const app = appOf(api, pages, { token, hosts, password });
  const server = serve({ fetch: app.fetch, hostname: host, port });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const facts = `The console cannot listen on ${host}:${port} (${error.code ?? error.message}).`;
      reject(new AssetError('COMMAND_INVALID', facts, { remedy: 'Name another port with --port.' }));
    });
  });
  const at = (server.address() as AddressInfo).port;
  for (const name of hostsOf(host, at, names)) hosts.add(name);
  const address = `http://${hostAndPort(addressesOf(host)[0] ?? '127.0.0.1', at)}`;
  return {
    address,
    open: password === null ? `${address}/?token=${token}` : address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Streams never end by themselves.
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
