export type { ConsoleApi, Listener, Params, Path, Query, ServerEvent } from './api.ts';
export { type ExportOptions, exportPages } from './export.ts';
export { listen, type Listening, type ListenOptions, newToken } from './listen.ts';
