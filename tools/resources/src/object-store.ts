import { resource, type Resource } from '@nx-assets/core';
import { ASKING, type Definition } from './definition.ts';
import type { ObjectStore } from './object-client.ts';
import { config } from './object-store-config.ts';

export type { ObjectInfo, ObjectStore } from './object-client.ts';

/** Files by key, in a folder or in a store that speaks S3, with the same methods. */
export const objectStore = (definition: Definition<typeof config>): Resource<ObjectStore> =>
  resource({
    description: definition.description,
    config,
    values: definition.values,
    dataFree: [...ASKING, 'accessKeyId', 'secretAccessKey', 'sessionToken', ...(definition.dataFree ?? [])],
    async open({ config, signal, secret, log }) {
      for (const value of [config.secretAccessKey, config.sessionToken]) if (value) secret(value);
      // Each is loaded where it is used: nobody pays for the other.
      return config.url.startsWith('file:')
        ? (await import('./file-store.ts')).openFolder(config.url, signal)
        : (await import('./s3-store.ts')).openS3(config, { signal, log });
    },
  });
