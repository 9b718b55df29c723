import type { ProcessContext } from '@nx-assets/workspace/run-context';
import { jsonText } from '@nx-assets/workspace/terminal-text';
import { JSON_VERSION } from '../json-version.ts';

/** One JSON document on standard output. */
export const printJson = (context: Pick<ProcessContext, 'stdout'>, document: object): void =>
  print(context, jsonText({ version: JSON_VERSION, ...document }));

export function print({ stdout }: Pick<ProcessContext, 'stdout'>, text: string): void {
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** `3 h ago`, `2 d ago`: how long before the time that it is now. */
export function ago(time: string | number, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(time).getTime()) / 1000));
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
  ] as const;
  const unit = units.find(([size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[0])} ${unit[1]} ago` : `${seconds} s ago`;
}
