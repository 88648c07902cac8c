/** What a column may hold here. */
export type Cell = string | number | null;

/** A prepared statement; `Row` is what its SQL promises. */
export interface Statement<Row> {
  run(...values: readonly Cell[]): void;
  get(...values: readonly Cell[]): Row | undefined;
  all(...values: readonly Cell[]): readonly Row[];
}

/** One connection, whichever driver carries it. */
export interface Database {
  readonly driver: Driver;
  readonly inTransaction: boolean;
  exec(sql: string): void;
  prepare<Row = never>(sql: string): Statement<Row>;
  close(): void;
}

/** `node:sqlite` is built into Node 22.13 and later; `libsql` ships prebuilt for those before. */
export type Driver = 'node:sqlite' | 'libsql';

/** The driver of this Node: built in where it exists. */
export function availableDriver(): Driver {
  return builtInSqlite() === undefined ? 'libsql' : 'node:sqlite';
}

/** Node 22 calls the module experimental at its first use, on an operator's standard error. */
function builtInSqlite(): typeof import('node:sqlite') | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule?.('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Opens a file, without any pragma. */
export async function openDatabase(
  path: string,
  driver: Driver = availableDriver(),
): Promise<Database> {
  if (driver === 'node:sqlite') {
    const sqlite = builtInSqlite();
    if (sqlite === undefined)
      throw new Error('This Node has no node:sqlite; it needs 22.13 or later.');
    const connection = new sqlite.DatabaseSync(path);
    return {
      driver,
      get inTransaction() {
        return connection.isTransaction;
      },
      exec: (sql) => connection.exec(sql),
      prepare: (sql) => typed(connection.prepare(sql)),
      close: () => connection.close(),
    };
  }
  const { default: Libsql } = await import('libsql');
  const connection = new Libsql(path);
  return {
    driver,
    get inTransaction() {
      return connection.inTransaction;
    },
    exec: (sql) => void connection.exec(sql),
    prepare: (sql) => typed(connection.prepare(sql)),
    close: () => void connection.close(),
  };
}

function typed<Row>(statement: {
  run(...values: Cell[]): unknown;
  all(...values: Cell[]): unknown[];
}): Statement<Row> {
  const all = (values: readonly Cell[]) => statement.all(...values) as Row[];
  return {
    run: (...values) => void statement.run(...values),
    // Not the driver's `get`: after an error libsql 0.5.29 runs it again with the values of before.
    get: (...values) => all(values)[0],
    all: (...values) => all(values),
  };
}

// SQLite's primary result codes that decide anything here: https://sqlite.org/rescode.html
/** Another connection holds the file. */
export const SQLITE_BUSY = 5;
/** The disk is full, or the file as large as it may be. */
export const SQLITE_FULL = 13;
/** The file is no database. */
export const SQLITE_NOTADB = 26;

/** The primary result code of a driver's error; `undefined` if SQLite did not raise it. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  // node:sqlite says `errcode`, libsql `rawCode`; the low byte of an extended code is the primary.
  const code = 'errcode' in error ? error.errcode : 'rawCode' in error ? error.rawCode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}
