import { resource, type Resource } from '@nx-assets/core';
import { z } from 'zod';
import { asking, ASKING, type Definition } from './definition.ts';

const config = z
  .object({
    /** `file:data/raw` for a folder, or `s3://bucket/prefix`. Keys are below it. */
    url: z.string().regex(/^(file:.+|s3:\/\/[^/]+.*)/, 'Must begin with file: or s3://'),
    /** Of a store that speaks S3 and is not Amazon's. Its buckets are the first part of a path. */
    endpoint: z.url({ protocol: /^https?$/ }).optional(),
    region: z.string().min(1).default('us-east-1'),
    accessKeyId: z.string().min(1).optional(),
    secretAccessKey: z.string().min(1).optional(),
    sessionToken: z.string().min(1).optional(),
    ...asking,
  })
  .refine(
    ({ url, accessKeyId, secretAccessKey }) => !url.startsWith('s3:') || (accessKeyId && secretAccessKey),
    { path: ['url'], message: 'An s3:// store needs `accessKeyId` and `secretAccessKey`' },
  );

export type StoreConfig = z.output<typeof config>;

export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Another one says that the content is another one. */
  readonly etag: string;
}

export interface ObjectStore {
  /** An object as a whole; null where there is none. */
  get(key: string): Promise<(ObjectInfo & { readonly bytes: Buffer }) | null>;
  head(key: string): Promise<ObjectInfo | null>;
  /** Writes it as a whole or not at all, over what is there. */
  put(key: string, content: string | Uint8Array): Promise<ObjectInfo>;
  /** Those whose keys begin so, in the order of their keys' bytes. */
  list(prefix?: string): Promise<readonly ObjectInfo[]>;
  /** What is not there needs no deleting. */
  delete(key: string): Promise<void>;
}

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
