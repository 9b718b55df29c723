import type { CheckResult } from '@nx-assets/core';

/** `(failed 2, rows 10)`. */
export function describeFacts(facts: CheckResult['facts']): string {
  const texts = Object.entries(facts).map(([name, value]) => {
    return `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return texts.length === 0 ? '' : `(${texts.join(', ')})`;
}
