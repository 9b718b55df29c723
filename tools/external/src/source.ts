import type { Context, Logger } from '@nx-assets/core';
import { z } from 'zod';

/** What was seen of something that is made elsewhere. No time of ours is in it: the same thing seen twice is the same. */
export const Observation = z.object({
  /** What was looked at: an address without secrets, a path, a name. */
  source: z.string(),
  /** Differs whenever the thing has changed. */
  version: z.string(),
  /** What the version is made of. */
  by: z.enum(['etag', 'last-modified', 'content', 'custom']),
  /** When it changed last, as its maker says. ISO 8601. */
  modifiedAt: z.string().nullable().default(null),
  bytes: z.int().nullable().default(null),
});

export type Observation = z.output<typeof Observation>;

export interface SourceScope {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Folder of the workspace. */
  readonly root: Context['root'];
}

/** Something that can be looked at. */
export interface Source {
  observe(scope: SourceScope): z.input<typeof Observation> | Promise<z.input<typeof Observation>>;
}
