/** Any error of the server. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}
