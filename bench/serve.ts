// Serves a folder's JSON files on loopback, in a process of its own: its time is not the product's.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
const server = createServer((request, response) => {
  const path = join(folder, `${(request.url ?? '/').slice(1)}.json`);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': stats.size });
  return createReadStream(path).pipe(response);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
// Ends with whoever started it.
process.on('disconnect', () => process.exit(0));
