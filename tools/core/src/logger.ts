/** Lines about one step. They reach the terminal and the log of the run. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}
