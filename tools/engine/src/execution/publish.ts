import { rmSync } from 'node:fs';
import { cannotWrite, moveIntoPlace } from '@nx-assets/storage';
import { absolute, type AssetRecord, recordPath, writeRecordBeside } from '@nx-assets/storage/records';

/** A value beside its place, checked, and what will be said of it. */
export interface Made {
  readonly target: string;
  readonly place: string;
  readonly record: AssetRecord;
}

/** Replaces values and records: no new record is there before every value is. */
export function publish(root: string, all: readonly Made[]): void {
  const moves: { readonly from: string; readonly to: string; readonly place: string }[] = [];
  let current = '';
  try {
    // Before anything is replaced: a disk may have room for the value and none for the record.
    for (const { place, record } of all) {
      current = place;
      const to = absolute(root, recordPath(record.key, record.partition));
      moves.push({ from: writeRecordBeside(root, record), to, place });
    }
    for (const { to } of moves) rmSync(to, { force: true });
    for (const { target, place } of all) moveIntoPlace(target, (current = place));
    for (const { from, to, place } of moves) {
      current = place;
      moveIntoPlace(from, to);
    }
  } catch (error) {
    for (const { from } of moves) rmSync(from, { force: true });
    throw cannotWrite(current, error);
  }
}
