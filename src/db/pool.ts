/**
 * postgres.js with what it lacks: a deadline on every query, wait and transaction, and a way out of a pool whose links have gone bad.
 * A connection that closes in the middle of a write keeps the unsent bytes and never works again, and a half-open one answers never:
 * so after a lost link the whole pool is replaced and the old one drains.
 */
import postgres, { type PendingQuery, type Row, type Sql, type TransactionSql } from "postgres";
import { deadlinePassed, isConnectionLost, within } from "./faults.ts";

/** The server gives up first, so that its own answer arrives where the link still works. */
const STATEMENT_MS = 4_500;
const QUERY_MS = 5_000;
const BULK_STATEMENT_MS = 60_000;
const BULK_QUERY_MS = 62_000;
const CONNECT_SECONDS = 3;
const DRAIN_SECONDS = 65;

/** Said inside a transaction, this lengthens its statements' deadline on both sides of the link. */
export const BULK_TIME = `set local statement_timeout = ${BULK_STATEMENT_MS}`;

type PoolOptions = { max: number; onLost: (error: unknown) => void };

/** The part of `Sql` that drizzle uses. */
export type Pool = { sql: Sql; end(): Promise<void> };

/** One generation of connections. `answers` rises whenever the server says anything: a pool that is slow is told from one that is dead. */
type Generation = { sql: Sql; answers: number; lost(error: unknown): void };

export function openPool(url: string, { max, onLost }: PoolOptions): Pool {
  const open = (): Generation => {
    const sql = postgres(url, {
      max,
      connect_timeout: CONNECT_SECONDS,
      backoff: (retries) => Math.min(0.05 * 2 ** retries, 1),
      keep_alive: 15,
      onnotice: () => undefined,
      connection: {
        statement_timeout: STATEMENT_MS,
        idle_in_transaction_session_timeout: BULK_STATEMENT_MS,
        application_name: "verify-bot",
        // Our statements are short and many: compiling one takes longer than running it.
        jit: "off",
      },
    });
    const generation: Generation = { sql, answers: 0, lost: (error) => replace(generation, error) };
    return generation;
  };

  const replace = (old: Generation, error: unknown): void => {
    onLost(error);
    // A pool that has never had an answer is as good as a new one: it is the server that is away.
    if (old !== current || old.answers === 0) return;
    current = open();
    Object.assign(current.sql.options.parsers, old.sql.options.parsers);
    Object.assign(current.sql.options.serializers, old.sql.options.serializers);
    old.sql.end({ timeout: DRAIN_SECONDS }).catch(() => undefined);
  };

  let current = open();
  const facade = {
    options: current.sql.options,
    unsafe: (text: string, params: never[], options: object) => {
      const generation = current;
      return timed(generation.sql.unsafe(text, params, options), generation, QUERY_MS, generation.lost);
    },
    begin: <T>(work: (tx: TransactionSql) => Promise<T>) => transaction(current, work),
  };
  return { sql: facade as unknown as Sql, end: () => current.sql.end({ timeout: 5 }) };
}

/** A promise of rows with postgres.js's `values()`, which drizzle calls at once where it wants arrays. */
function timed(query: PendingQuery<Row[]>, generation: Generation, ms: number, lost: (error: unknown) => void) {
  let arrays = false;
  const before = generation.answers;
  const run = async (): Promise<unknown> => {
    await Promise.resolve();
    try {
      const rows = await within(ms, arrays ? query.values() : query);
      generation.answers += 1;
      return rows;
    } catch (error) {
      const waiting = isWaiting(query);
      if (waiting) query.cancel();
      if (!isConnectionLost(error) && !isConnectTimeout(error)) generation.answers += 1;
      else if (!waiting || generation.answers === before) lost(error);
      throw error;
    }
  };
  const rows = run();
  const values = () => {
    arrays = true;
    return rows;
  };
  return Object.assign(rows, { values });
}

/** One transaction's connection: how long its statements may take, and what broke it. */
type Line = { ms: number; error: unknown; end(error: unknown): void };

async function transaction<T>(generation: Generation, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const line: Line = { ms: QUERY_MS, error: undefined, end: () => undefined };
  const broken = new Promise<never>((_resolve, reject) => {
    line.end = (error) => {
      line.error ??= error;
      reject(error);
    };
  });
  broken.catch(() => undefined);
  const endAfter = (ms: number) => setTimeout(() => line.end(deadlinePassed(ms)), ms);
  const before = generation.answers;
  let begun = false;
  let timer = endAfter(QUERY_MS);
  const done = generation.sql.begin(async (tx) => {
    clearTimeout(timer);
    if (line.error) throw line.error;
    begun = true;
    generation.answers += 1;
    try {
      return await work(onLine(tx, generation, line));
    } catch (error) {
      if (isConnectionLost(error)) line.end(error);
      throw error;
    } finally {
      // A rollback sent down a dead line is what breaks the driver. Leave it open: without a connection the server has ended the transaction.
      if (line.error) await new Promise(() => undefined);
      timer = endAfter(QUERY_MS);
    }
  });
  try {
    return (await Promise.race([done, broken])) as T;
  } catch (error) {
    if (isConnectionLost(error) || isConnectTimeout(error)) {
      line.end(error);
      if (begun || generation.answers === before) generation.lost(error);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function onLine(tx: TransactionSql, generation: Generation, line: Line): TransactionSql {
  const unsafe = (text: string, params: never[], options: object) => {
    if (line.error) throw line.error;
    if (text === BULK_TIME) line.ms = BULK_QUERY_MS;
    return timed(tx.unsafe(text, params, options), generation, line.ms, line.end);
  };
  const savepoint = <T>(work: (inner: TransactionSql) => Promise<T>) => tx.savepoint((inner) => work(onLine(inner, generation, line)));
  return { unsafe, savepoint } as unknown as TransactionSql;
}

/** Not yet sent: it can be taken back, so that it does not happen after its caller was told it would not. */
function isWaiting(query: object): boolean {
  return "state" in query && query.state === null;
}

function isConnectTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "CONNECT_TIMEOUT";
}
