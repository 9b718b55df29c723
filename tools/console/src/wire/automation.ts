export interface AutomationView {
  /** Which process serves; `null` where none does. */
  readonly leader: { readonly pid: number; readonly host: string; readonly since: number } | null;
  readonly automations: readonly AutomationLine[];
  readonly underWay: readonly { readonly id: string; readonly name: string; readonly status: string }[];
  /** What a person types to have it served. */
  readonly command: string;
}

export interface AutomationLine {
  /** `group/name`; of a condition the asset's key. */
  readonly name: string;
  readonly kind: 'schedule' | 'sensor' | 'condition';
  readonly description: string;
  /** When it is asked, in words. */
  readonly when: string;
  readonly nextAt: number | null;
  readonly last: TickView | null;
}

export interface TickView {
  readonly id: number;
  readonly name: string;
  /** When the first and the last of equal ticks were. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly times: number;
  readonly outcome: string;
  readonly because: string;
  readonly request: {
    readonly id: string;
    readonly status: string;
    readonly runs: readonly string[];
    /** What stopped it before its first step. */
    readonly problem: string | null;
  } | null;
  /** Each part of a condition: whether it held, and why. */
  readonly tree: TickTree | null;
}

export interface TickTree {
  readonly kind: string;
  readonly held: boolean;
  readonly because: string;
  readonly of: readonly TickTree[];
}
