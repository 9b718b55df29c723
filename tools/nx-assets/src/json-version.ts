/** Of every document that `--json` prints. Changes when a reader of one would have to. */
export const JSON_VERSION = 2;
