import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** Serves the real data set of JSONPlaceholder, `/users` and `/posts`, on a free port of 127.0.0.1. */
export async function serveEmbedded(): Promise<{ url: string; close: () => Promise<void> }> {
  const file = createRequire(import.meta.url).resolve('jsonplaceholder/data.json');
  const { users, posts } = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  const collections = new Map(Object.entries({ '/users': users, '/posts': posts }));
  const server = createServer((request, response) => {
    const collection = collections.get(request.url ?? '');
    response.writeHead(collection ? 200 : 404, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(collection ?? {}));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  // A process that is done does not wait for a server.
  server.unref();
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
