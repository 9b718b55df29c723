import type { PartitionKeys } from '@nx-assets/core';
import { changeDynamicKeys, readDynamicKeys } from '@nx-assets/storage/records';
import type { StepEnvironment } from './step-environment.ts';

/** A set of partitions as a function may change it. */
export function partitionKeys(
  { root, locks, signal }: Pick<StepEnvironment, 'root' | 'locks' | 'signal'>,
  name: string,
  changes: Promise<void>[],
): PartitionKeys {
  const changeNow = async (given: Parameters<typeof changeDynamicKeys>[2]) => {
    const lock = await locks.take(`partitions ${name}`, 1, signal);
    try {
      changeDynamicKeys(root, name, given);
    } finally {
      lock.release();
    }
  };
  const change = (given: Parameters<typeof changeDynamicKeys>[2]) => {
    const changing = changeNow(given);
    changing.catch(() => undefined);
    changes.push(changing);
    return changing;
  };
  return {
    list: () => readDynamicKeys(root, name),
    add: (...add) => change({ add }),
    remove: (...remove) => change({ remove }),
  };
}
