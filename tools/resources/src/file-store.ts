import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byKey, checkKey } from './object-key.ts';
import type { ObjectInfo, ObjectStore } from './object-client.ts';

/** Name of a file that is being written. */
const TEMPORARY = /^\..+\.tmp-\d+-\d+$/;

/** A folder as a store. The ETag is the MD5 of the content, as S3 has it. */
export async function openFolder(url: string, signal: AbortSignal): Promise<ObjectStore> {
  const root = url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length));
  const { cannotWrite, moveIntoPlace, temporaryBeside } = await import('@nx-assets/storage');
  const pathOf = (key: string) => join(root, ...checkKey(key).split('/'));

  const get = async (key: string) => {
    signal.throwIfAborted();
    const bytes = await readFile(pathOf(key)).catch(nullWhereNothing);
    return bytes && { ...infoOf(key, bytes), bytes };
  };
  return {
    get,
    async head(key) {
      const bytes = await readFile(pathOf(key)).catch(nullWhereNothing);
      return bytes && infoOf(key, bytes);
    },
    async put(key, content) {
      signal.throwIfAborted();
      const path = pathOf(key);
      const temporary = temporaryBeside(path);
      try {
        await writeFile(temporary, content);
        moveIntoPlace(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw cannotWrite(path, error);
      }
      return infoOf(key, Buffer.from(content));
    },
    async list(prefix = '') {
      const entries =
        (await readdir(root, { recursive: true, withFileTypes: true }).catch(nullWhereNothing)) ?? [];
      const keys = entries
        .filter((entry) => entry.isFile() && !TEMPORARY.test(entry.name))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((key) => key.startsWith(prefix));
      const infos: ObjectInfo[] = [];
      for (const key of keys) {
        signal.throwIfAborted();
        infos.push(infoOf(key, await readFile(pathOf(key))));
      }
      return infos.sort(byKey);
    },
    async delete(key) {
      signal.throwIfAborted();
      await rm(pathOf(key), { force: true });
    },
  };
}

const infoOf = (key: string, bytes: Buffer): ObjectInfo => ({
  key,
  size: bytes.length,
  etag: createHash('md5').update(bytes).digest('hex'),
});

function nullWhereNothing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return null;
  throw error;
}
