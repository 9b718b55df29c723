import type { AssetKey, Logger } from '@nx-assets/core';
import type { RunEvent } from '../events.ts';
import type { PartitionKey } from '../partitioning.ts';
import type { Redactor } from '../redact.ts';

/** The logger of a step: its lines are events of the run, without secrets. */
export function loggerOf(
  key: AssetKey,
  partition: PartitionKey,
  redactor: Redactor,
  emit: (event: RunEvent) => void,
): Logger {
  const at = (level: 'debug' | 'info' | 'warn') => (message: string) =>
    emit({ type: 'log', key, partition, level, message: redactor.text(message) });
  return { debug: at('debug'), info: at('info'), warn: at('warn') };
}
