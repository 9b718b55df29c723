export {
  type FileLiteral,
  type LiteralOf,
  type Materialized,
  materializeOne,
  type MaterializeOneOptions,
} from './materialize-one.ts';
export { type MaterializeResult, type NxResult, type ReportedAsset, TestWorkspace } from './workspace.ts';
export { ApiServer, type Handler } from './api-server.ts';
