/** Opens the data directory it is given, writes organisations with growing numbers and prints each one once it is saved. Started and killed by tests. */
import { z } from "zod";
import { sql } from "drizzle-orm";
import { rowsOf } from "../../../src/db/client.ts";
import { openDatabase } from "../../../src/db/open.ts";
import { organisations } from "../../../src/db/schema/tables.ts";

const opened = await openDatabase({ url: undefined, dataDir: process.argv[2] ?? "" });
if (opened.kind === "in-use") {
  process.stdout.write(`in use by ${opened.pid}\n`);
  process.exit(1);
}
const { db } = opened.database;
const names = await rowsOf(db, z.object({ name: z.string() }), sql`select name from ${organisations} order by id`);
process.stdout.write(`found ${names.length}\n`);
for (let number = names.length + 1; ; number++) {
  await db.insert(organisations).values({ name: `Organisation ${number}` });
  process.stdout.write(`saved ${number}\n`);
}
