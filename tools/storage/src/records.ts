// The light entry: what every nx command may load. Nothing here imports zod or DuckDB.
export { writeAtomic } from './atomic.ts';
export { hashFile, hashText } from './hash.ts';
export { HashCache, stampOf } from './hash-cache.ts';
export {
  absolute,
  observationPath,
  outcomesPath,
  OUTPUT,
  recordPath,
  scratchPath,
  slotPath,
  STATE,
  valuePath,
} from './layout.ts';
export {
  type AssetRecord,
  readRecord,
  readRecordAt,
  RECORD_VERSION,
  type RecordReading,
  type ValueRecord,
  writeRecord,
  writeRecordBeside,
} from './record.ts';
