import type { ConfigValues } from '@nx-assets/core';
import { z } from 'zod';

/** What whoever uses a built-in resource says of it: its config is written already. */
export interface Definition<S extends z.ZodObject> {
  readonly description: string;
  /** The config in each environment: values, `env('NAME')` and `secret('NAME')`. */
  readonly values: ConfigValues<S>;
  /** More fields that decide no data, besides timeouts and the like: for example `token`, where all see the same. */
  readonly dataFree?: readonly Extract<keyof z.input<S>, string>[];
}

/** A number that may come from an environment variable, which is text. */
export const count = (least: number) => z.coerce.number<number | string>().int().min(least);

const MIB = 1024 * 1024;

/** How to ask over a network: it decides no data. */
export const asking = {
  /** For one attempt, the answer included. Milliseconds. */
  timeout: count(1).default(30_000),
  /** Attempts after the first one. */
  retries: count(0).default(3),
  /** Before the first retry; doubles with each. Milliseconds. */
  backoff: count(0).default(250),
  /** An answer may not be larger. */
  maxBytes: count(1).default(256 * MIB),
};

export const ASKING = ['timeout', 'retries', 'backoff', 'maxBytes'] as const;
