import { readFileSync } from "node:fs";
import postgres from "postgres";
import { startPostgres } from "./postgres.ts";
import { insertMillion, insertOrganisation } from "./people.ts";
import { startProduct, startSink } from "./processes.ts";
import { startSlack } from "./slack.ts";
const pg = await startPostgres();
{
  const one = postgres(pg.url, { max: 1 });
  await one.unsafe("alter system set session_preload_libraries='auto_explain'");
  await one.unsafe("select pg_reload_conf()");
  await one.unsafe("load 'auto_explain'");
  for (const x of ["log_min_duration=0", "log_analyze=on", "log_timing=on", "sample_rate=1"])
    await one.unsafe("alter system set auto_explain." + x);
  await one.end();
}
const org = await insertOrganisation(pg.db);
const { departments } = await insertMillion(pg.db, org, Number(process.argv[2] ?? 100000), 10000);
const sink = await startSink();
const slack = await startSlack();
const product = await startProduct({ databaseUrl: pg.url, sinkPort: sink.port, slackUrl: slack.apiUrl });
const ask = async (text: string) => {
  const s = await slack.say(product.address, text);
  const a = await s.answer;
  return [s.ackMs.toFixed(1), a.ms.toFixed(1), JSON.stringify(a.message).slice(0, process.argv[3] ? 600 : 0)].join(" ");
};
for (let i = 0; i < 15; i++) console.log(await ask(`bulk department:${departments[i]} --dry-run`));
const one = postgres(pg.url, { max: 1 });
await one.unsafe("select pg_reload_conf()");
await new Promise((r) => setTimeout(r, 200));
console.log(await ask(`bulk department:${departments[20]} --dry-run`));
console.log(await ask(`bulk status:active,inactive --dry-run`));
await one.unsafe("alter system reset auto_explain.log_min_duration");
await one.unsafe("select pg_reload_conf()");
const dir = ((await one.unsafe(`show data_directory`)) as any)[0].data_directory;
console.log(
  readFileSync(dir.replace(/data$/, "log"), "utf8")
    .split("duration:")
    .slice(1)
    .map((s) => s.slice(0, 40000))
    .join("\n=====\n"),
);
await product.stop();
slack.stop();
await sink.stop();
await one.end();
await pg.stop();
