import { AssetError } from '@nx-assets/core';
import type { RunEvent } from './events.ts';
import { toFailure } from './failure.ts';

/** Something that hears what a run says: a terminal, a file, a history. */
export interface RunListener {
  /** What it is, as the beginning of a sentence: `The run file`. */
  readonly name: string;
  on(event: RunEvent): void;
}

/**
 * One `emit` for several listeners. What one of them throws neither stops the run nor keeps the others from hearing; the
 * first time it is told to all of them as a `warning`.
 */
export function emitTo(listeners: readonly RunListener[]): (event: RunEvent) => void {
  const failed = new Set<RunListener>();
  const emit = (event: RunEvent): void => {
    for (const listener of listeners) {
      try {
        listener.on(event);
      } catch (error) {
        if (failed.has(listener)) continue;
        failed.add(listener);
        emit({ type: 'warning', problem: toFailure(problemOf(listener, error)) });
      }
    }
  };
  return emit;
}

function problemOf({ name }: RunListener, error: unknown): AssetError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AssetError('LISTENER_FAILED', `${name} does not hear everything of this run: ${reason}.`, {
    cause: error,
  });
}
