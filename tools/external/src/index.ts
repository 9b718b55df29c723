export { external, type ExternalOptions } from './external.ts';
export { file } from './file.ts';
export type { Observation, Source, SourceScope } from './source.ts';
export { url, type UrlOptions } from './url.ts';
