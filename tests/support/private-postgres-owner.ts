/**
 * Owns the private Postgres of the folder given as its argument, and prints the url and the server's pid on one line.
 * SIGTERM stops the server; the process must then end by itself. A test that kills it leaves an orphan behind.
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { startPrivatePostgres } from "../../src/postgres/private/private-postgres.ts"

const dataDir = process.argv[2]
if (dataDir === undefined) throw new Error("Usage: private-postgres-owner.ts <data folder>")

const postgres = await startPrivatePostgres({ dataDir })
const awake = setInterval(() => {}, 60_000)
process.once("SIGTERM", () => {
  clearInterval(awake)
  void postgres.stop()
})
const [pid] = (await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8")).split("\n")
console.log(`${postgres.url} ${pid}`)
