import type { DatabaseSync } from 'node:sqlite';
import type { SetAside } from './database.ts';
import { fileIdentity } from './file-identity.ts';
import { prepare, type Statements } from './ledger-statements.ts';
import { openDatabase } from './open.ts';
import { Writer } from './writer.ts';

/** One opening of the file, and what is prepared on it. */
export class Session {
  readonly database: DatabaseSync;
  /** The file that was opened. */
  readonly file: string | null;
  #writer: Writer | undefined;
  #statements: Statements | undefined;
  #users = 0;
  #isRetired = false;

  constructor(database: DatabaseSync, file: string | null) {
    this.database = database;
    this.file = file;
  }

  get writer(): Writer {
    return (this.#writer ??= new Writer(this.database));
  }

  get statements(): Statements {
    return (this.#statements ??= prepare(this.database));
  }

  /** For work that takes several turns of the event loop: the database stays open until it is done. */
  async use<T>(work: (database: DatabaseSync) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this.database);
    } finally {
      this.#users--;
      if (this.#isRetired) this.retire();
    }
  }

  /** Closes it when nobody uses it any more. */
  retire(): void {
    this.#isRetired = true;
    if (this.#users === 0) this.close();
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }
}

/** How often to open again where the file is replaced just while it is being opened. */
const ATTEMPTS = 5;

/**
 * The file at a path, whichever that is: where the one that was opened has been deleted or replaced, the next use opens
 * what stands there now, or begins it. What is open of a deleted file would go on working, for nobody.
 */
export class Connection {
  readonly path: string;
  #session: Session;
  #generation = 0;
  #isClosed = false;
  #opening: Promise<Session> | null = null;

  private constructor(path: string, session: Session) {
    this.path = path;
    this.#session = session;
  }

  static async open(path: string): Promise<{ connection: Connection; setAside: SetAside | null }> {
    const { session, setAside } = await openSession(path);
    return { connection: new Connection(path, session), setAside };
  }

  /** The session, at once, where its file still stands at the path. `null` where another does, or none. */
  get here(): Session | null {
    // A closed one fails as it is used.
    if (this.#isClosed) return this.#session;
    const file = fileIdentity(this.path);
    return file !== null && file === this.#session.file ? this.#session : null;
  }

  /** The session of the file at the path: opened anew where that is not the one that was open. */
  async session(): Promise<Session> {
    return this.here ?? (this.#opening ??= this.#openAgain().finally(() => (this.#opening = null)));
  }

  async #openAgain(): Promise<Session> {
    const { session } = await openSession(this.path);
    this.#session.retire();
    this.#session = session;
    this.#generation++;
    if (this.#isClosed) session.close();
    return session;
  }

  /** How often the file turned out to be another one. */
  async generation(): Promise<number> {
    await this.session();
    return this.#generation;
  }

  /** Closes this session for good: its file is damaged. */
  close(): void {
    this.#isClosed = true;
    this.#session.close();
  }
}

/** Opens the file, and makes sure which one it was. */
async function openSession(path: string): Promise<{ session: Session; setAside: SetAside | null }> {
  let setAside: SetAside | null = null;
  for (let attempt = 1; ; attempt++) {
    const before = fileIdentity(path);
    const opened = await openDatabase(path);
    setAside ??= opened.setAside;
    const file = fileIdentity(path);
    const isSure = file !== null && (before === file || before === null || opened.setAside !== null);
    if (isSure || attempt === ATTEMPTS) return { session: new Session(opened.database, file), setAside };
    opened.database.close();
  }
}
