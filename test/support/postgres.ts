/** Throw-away databases on a Postgres server that tests may use. */
import postgres from "postgres";

const LOCAL = "postgres://root@127.0.0.1:5432/postgres";

/** A server where databases may be made: TEST_DATABASE_URL, which then has to answer, or a local one. */
export async function findPostgres(): Promise<string | undefined> {
  const given = process.env["TEST_DATABASE_URL"];
  const url = given ?? LOCAL;
  try {
    await onServer(url, (sql) => sql`select 1`);
    return url;
  } catch (error) {
    if (given) throw error;
    return undefined;
  }
}

export async function onServer<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** Makes a database and returns its URL; `template` is another database of ours that nobody is connected to. */
export async function createDatabase(serverUrl: string, name: string, template = "template1"): Promise<string> {
  await onServer(serverUrl, async (sql) => {
    await sql`drop database if exists ${sql(name)} with (force)`;
    await sql`create database ${sql(name)} template ${sql(template)}`;
  });
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await onServer(serverUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
}
