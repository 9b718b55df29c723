import type { Json } from '@nx-assets/core';
import type { Connection } from '@nx-assets/storage';
import type { StepEnvironment, StepOrder } from './step-environment.ts';

/** What the parts of a step share while it runs. */
export interface StepScope {
  readonly order: StepOrder;
  readonly environment: StepEnvironment;
  readonly connection: Connection;
  readonly scratch: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, Json>>;
  readonly startedAt: string;
}
