import type { AutomationLedger } from '../ports/automation-ledger.ts';
import type { History } from '../ports/history.ts';

/** A new, empty history: gives what opens it, as often as wanted. The test closes what it opened when it ends. */
export type Place = () => () => Promise<History>;

/** The same, of the ledger alone. */
export type LedgerPlace = () => () => Promise<AutomationLedger>;
