/** Whether a file is parsed: what else a module may load, as JSON, imports nothing. */
export const isCode = (file: string): boolean => /\.[cm]?[jt]sx?$/.test(file);

/** How code asks for other code. Each way resolves as Node does it; what `url` names may be no code, or missing. */
type ImportKind = 'import' | 'require' | 'url';

/** `from` is a specifier; `name` is `*` for a whole module. */
export interface Binding {
  readonly from: string;
  readonly name: string;
}

/** An import of a module. `name` is null where it has to run, as in `import './x'`; empty where it runs for a type alone. */
export interface Import {
  readonly from: string;
  readonly name: string | null;
  readonly kind: ImportKind;
  /** Whether it loads before the first line of the module runs; otherwise when a line says so, which may be never. */
  readonly isEager: boolean;
}

/** What a module imports and exports, as far as it matters at run time: types are gone. */
export interface ModuleShape {
  /** What it imports for its own use. */
  readonly imports: readonly Import[];
  /** The local name of what it imports. */
  readonly locals: ReadonlyMap<string, Binding>;
  /** Exported name to what it passes on. */
  readonly reexports: ReadonlyMap<string, Binding>;
  /** `export * from`. */
  readonly stars: readonly string[];
  /** Names that it declares itself and exports. */
  readonly declares: ReadonlySet<string>;
  /** Whether it does nothing but pass on what others declare. */
  readonly isTransparent: boolean;
}
