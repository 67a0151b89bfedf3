/** An instance as it starts: migrates the Postgres database it is given, then reads a table. Started by tests, several at once. */
import { openDatabase } from "../../../src/db/open.ts";
import { organisations } from "../../../src/db/schema/tables.ts";

const opened = await openDatabase({ url: process.argv[2], dataDir: "" });
if (opened.kind === "open") {
  const rows = await opened.database.db.select().from(organisations);
  process.stdout.write(`${rows.length} organisations\n`);
  await opened.database.close();
}
