import type { AutomationLedger } from './automation-ledger.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { HistoryReader } from './reader.ts';
import type { HistoryWriter } from './writer.ts';

/**
 * An open history: what runs did, and what automation decided. Where it is removed or replaced while it is open, each
 * call works on what is there now: every part of it goes on with the new one.
 */
export interface History extends HistoryReader, HistoryWriter, ChangeFeed {
  readonly ledger: AutomationLedger;
  /** What the user should be told about the opening, such as that a damaged history was set aside. */
  readonly notice: string | null;
  /** Lets go of everything. Closing again does nothing; any other call after it rejects. */
  close(): Promise<void>;
}
