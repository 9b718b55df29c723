import { z } from 'zod';
import { asking } from './definition.ts';

export const config = z
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
