import type { DiagnosticCode, GroupManifest } from '@nx-assets/core';
import type { GroupSource } from '@nx-assets/engine';

/** What the worker that loads definitions is asked. */
export interface LoadOrder {
  readonly root: string;
  readonly sources: readonly GroupSource[];
}

/** What it says on the way, and at the end. */
export type LoadMessage = { readonly type: 'loading'; readonly group: string } | Loaded | LoadFailure;

export interface Loaded {
  readonly type: 'done';
  readonly groups: readonly GroupManifest[];
  /** Every file that the definitions depend on, absolute, with the sha256 of what was read. */
  readonly consulted: readonly (readonly [path: string, hash: string | null])[];
}

export interface LoadFailure {
  readonly type: 'failed';
  readonly code: DiagnosticCode;
  readonly facts: string;
  readonly remedy: string;
}
