export { buildContext, type BuildContextOptions, type BuiltContext } from './kit/build-context.ts';
export { fixture, type FixtureOptions, fixtures } from './kit/fixture.ts';
export type { FileLiteral, LiteralOf } from './kit/literal.ts';
export {
  materialize,
  type Materialized,
  materializeOne,
  type MaterializeOptions,
} from './kit/materialize.ts';
export { type MaterializeResult, type NxResult, type ReportedAsset, TestWorkspace } from './workspace.ts';
export { ApiServer, type Handler } from './api-server.ts';
