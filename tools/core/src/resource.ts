/** A client that is injected into `materialize`: opened when a step first needs it, closed when it ends. */
export interface Resource<Client> {
  readonly description: string;
  /** Environment variables that decide what data it gives: a change of one makes its assets run again. */
  readonly env: readonly string[];
  /** The same, where nobody may read the value: it is kept out of records, logs, messages and previews. */
  readonly secrets: readonly string[];
  open(scope: ResourceScope): Client | Promise<Client>;
  close?(client: Client): void | Promise<void>;
}

export interface ResourceScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Marks a value as one that nobody may read, where it does not come from the environment. */
  secret(value: string): void;
  /** Says once per run what is in use, for example which address. */
  announce(message: string): void;
}

// A resource of any client: `open` is covariant in it, `close` is a method and so bivariant.
export type Resources = { readonly [name: string]: Resource<unknown> };

export function resource<Client>(definition: {
  readonly description: string;
  readonly env?: readonly string[];
  readonly secrets?: readonly string[];
  open(scope: ResourceScope): Client | Promise<Client>;
  close?(client: Client): void | Promise<void>;
}): Resource<Client> {
  return { ...definition, env: definition.env ?? [], secrets: definition.secrets ?? [] };
}
