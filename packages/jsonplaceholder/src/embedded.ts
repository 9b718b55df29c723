import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** Serves the real data set of JSONPlaceholder on a free port of 127.0.0.1. */
export async function serveEmbedded(): Promise<{ url: string; close: () => Promise<void> }> {
  const file = createRequire(import.meta.url).resolve('jsonplaceholder/data.json');
  const data = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  const server = createServer((request, response) => {
    const collection = data[(request.url ?? '/').slice(1)];
    response.writeHead(collection === undefined ? 404 : 200, { 'content-type': 'application/json; charset=utf-8' });
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
