// DuckDB as a child process of a benchmark: one request per line on standard input, one answer per line on standard output.
//
//   {"run":"<file>"}    all statements of the file, one after the other, not timed      -> {}
//   {"time":"<file>"}   its statements are prepared first; executing them and fetching all rows is timed
//                       -> {"seconds":0.12,"rows":[[1,"a"],...]}: the rows of all statements, in order
//   {"version":true}    -> {"version":"v1.5.6","threads":2}
//
// A failure answers {"error":"..."}. In memory; as many threads as the first argument says.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

// The packages are fetched into a folder of their own (tools/setup), not beside this file.
const require = createRequire(`${process.argv[3]}/package.json`);
const { DuckDBInstance } = require("@duckdb/node-api");

const instance = await DuckDBInstance.create(":memory:", { threads: process.argv[2] });
const connection = await instance.connect();

const plain = (value) => (typeof value === "bigint" ? Number(value) : value);

async function rowsOf(result) {
  const rows = await result.getRows();
  return rows.map((row) => row.map(plain));
}

async function time(file) {
  const extracted = await connection.extractStatements(readFileSync(file, "utf8"));
  const prepared = [];
  for (let i = 0; i < extracted.count; ++i) prepared.push(await extracted.prepare(i));
  const start = process.hrtime.bigint();
  const rows = [];
  for (const statement of prepared) for (const row of await rowsOf(await statement.run())) rows.push(row);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  for (const statement of prepared) statement.destroySync();
  return { seconds, rows };
}

async function answer(request) {
  if (request.run) {
    await connection.run(readFileSync(request.run, "utf8"));
    return {};
  }
  if (request.time) return time(request.time);
  const rows = await rowsOf(await connection.run("SELECT version(), current_setting('threads')"));
  return { version: rows[0][0], threads: rows[0][1] };
}

for await (const line of createInterface({ input: process.stdin })) {
  let text;
  try {
    text = JSON.stringify(await answer(JSON.parse(line)));
  } catch (error) {
    text = JSON.stringify({ error: String(error.message ?? error) });
  }
  process.stdout.write(text + "\n");
}
