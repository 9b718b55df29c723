// The light entry: what every nx command may load. Nothing here imports zod or DuckDB.
export { writeAtomic } from './atomic.ts';
export { hashFile, hashText } from './hash.ts';
export { globHash, matchingFiles } from './matching-files.ts';
export { LocalValueStore } from './local-value-store.ts';
export { changeDynamicKeys, readDynamicKeys } from './dynamic-keys.ts';
export { HashCache, isLink, linkHash, stampOf } from './hash-cache.ts';
export {
  absolute,
  backfillPath,
  CONSOLE_TOKEN,
  dynamicKeysPath,
  fileName,
  observationPath,
  outboxPath,
  outcomesPath,
  partitionPaths,
  partitionsFolder,
  OUTPUT,
  recordPath,
  requestLogPath,
  requestPartitionsPath,
  scratchPath,
  lockPath,
  STATE,
  valuePath,
} from './layout.ts';
export { RecordIndex, type ValueSummary } from './record-index.ts';
export {
  type AssetRecord,
  type InputRecord,
  type ConfigRecord,
  readRecord,
  readRecordAt,
  versionForDependents,
  RECORD_VERSION,
  type RecordReading,
  type ValueRecord,
  writeRecord,
} from './record.ts';
export {
  notAsRecorded,
  type Publication,
  type RecordedValue,
  requireIntact,
  type StagedValue,
  type ValueAddress,
  type ValueState,
  type ValueStore,
} from './value-store.ts';
export { workingCopyHash, workingCopySize } from './working-copy.ts';
