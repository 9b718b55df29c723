export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Another one says that the content is another one. */
  readonly etag: string;
}

export interface ObjectStore {
  /** An object as a whole; null where there is none. */
  get(key: string): Promise<(ObjectInfo & { readonly bytes: Buffer }) | null>;
  head(key: string): Promise<ObjectInfo | null>;
  /** Writes it as a whole or not at all, over what is there. */
  put(key: string, content: string | Uint8Array): Promise<ObjectInfo>;
  /** Those whose keys begin so, in the order of their keys' bytes. */
  list(prefix?: string): Promise<readonly ObjectInfo[]>;
  /** What is not there needs no deleting. */
  delete(key: string): Promise<void>;
}
