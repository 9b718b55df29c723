import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Answers in place of the cache; what it does not answer, the cache does. */
export type Illness = (request: IncomingMessage, response: ServerResponse, entry: Buffer | undefined) => void;

/** What a proxy says whose server is gone. */
export const bad: Illness = (request, response) => {
  request.resume().on('end', () => response.writeHead(502).end('bad gateway'));
};
export const dropped: Illness = (request) => request.socket.destroy();
/** Never answers. */
export const silent: Illness = (request) => void request.resume();

/** Has what it has, and gives it in another way. */
const given =
  (give: (entry: Buffer, response: ServerResponse) => void): Illness =>
  (_request, response, entry) => {
    if (entry) give(entry, response);
    else response.writeHead(404).end();
  };
/** Half of what it promises. */
export const cut = given((entry, response) => {
  response.writeHead(200, { 'content-length': entry.length });
  response.write(entry.subarray(0, entry.length / 2), () => response.destroy());
});
/** Half of it, and says that this is all. */
export const torn = given((entry, response) => response.end(entry.subarray(0, entry.length / 2)));
export const garbage = given((entry, response) => response.end(Buffer.alloc(entry.length, 'garbage')));
/** A sound archive, with another byte in each table. */
export const edited = given((entry, response) => {
  const archive = gunzipSync(entry);
  for (let at = archive.indexOf('PAR1'); at >= 0; at = archive.indexOf('PAR1', at + 12))
    archive[at + 8] = (archive[at + 8] ?? 0) ^ 0xff;
  response.end(gzipSync(archive));
});

/** A remote cache of Nx on loopback, as its documentation says one answers, and ways to be ill. */
export class RemoteCacheServer {
  readonly entries = new Map<string, Buffer>();
  /** Method and hash of what was asked for, in order. */
  readonly requests: string[] = [];
  /** By method. */
  ill: Readonly<Partial<Record<'GET' | 'PUT', Illness>>> = {};
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<RemoteCacheServer> {
    const cache = new RemoteCacheServer();
    await new Promise<void>((resolve) => cache.#server.listen(0, '127.0.0.1', resolve));
    return cache;
  }

  /** What tells Nx to use it. */
  get env(): Readonly<Record<string, string>> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `http://127.0.0.1:${port}`,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'token-of-a-test',
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const hash = (request.url ?? '').replace('/v1/cache/', '');
    const method = request.method === 'PUT' ? 'PUT' : 'GET';
    this.requests.push(`${method} ${hash}`);
    const entry = this.entries.get(hash);
    const illness = this.ill[method];
    if (illness) return illness(request, response, entry);
    if (method === 'GET') {
      response.writeHead(entry ? 200 : 404, { 'content-type': 'application/octet-stream' });
      response.end(entry);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(entry ? 409 : 200).end();
    if (!entry) this.entries.set(hash, Buffer.concat(chunks));
  }
}
