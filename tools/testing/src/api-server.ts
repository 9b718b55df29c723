import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers a request; what it does not answer gets 404. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on loopback with collections that a test can change: `/users` gives `collections.users`. */
export class ApiServer {
  /** Path without its slash to what is served there: JSON, or a handler. */
  readonly collections: Record<string, unknown>;
  /** Paths that were asked for, in order. */
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor(collections: Record<string, unknown>) {
    this.collections = collections;
    this.#server = createServer((request, response) => {
      const name = (request.url ?? '/').slice(1);
      this.requests.push(name);
      const served = this.collections[name];
      if (typeof served === 'function') return (served as Handler)(request, response);
      response.writeHead(served === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(served ?? { error: 'not found' }));
    });
  }

  static async start(collections: Record<string, unknown>): Promise<ApiServer> {
    const api = new ApiServer(collections);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
