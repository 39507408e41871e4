/** What `earmark bench` does around measuring: what is typed, how it ends, what it leaves behind. */
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import type { BenchReport } from "../../src/bench/result.ts"
import { launch, run } from "../cli/earmark-process.ts"
import { openBenchDatabase } from "./bench-database.ts"

/** As short as it can be. */
const SHORT = ["--size", "small", "--seconds", "0.1"]

/** A folder for temporary files, so that what is left of them was left by this test. */
async function makeTemporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-bench-test-"))
  // As root the private Postgres runs as somebody else, who must be able to reach the folder.
  await chmod(folder, 0o755)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test("without DATABASE_URL it measures a private Postgres, of which nothing is left", async () => {
  const folder = await makeTemporary()
  const words = ["bench", "storm", ...SHORT, "--contenders", "batched,broken"]
  const { exitCode, stdout } = await run(words, { TMPDIR: folder })
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^Sold-out storm/)
  expect(stdout).toContain("(private)")
  expect(stdout).toMatch(/ storm --size small --seconds 0.1 --contenders batched,broken$/m)
  expect(await readdir(folder)).toEqual([])
})

test("with --profile it tells what Postgres spends its time on, trigger functions included", async () => {
  const folder = await makeTemporary()
  const words = ["bench", "hot", ...SHORT, "--contenders", "batched", "--profile", "--json"]
  const { exitCode, stdout } = await run(words, { TMPDIR: folder })
  expect(exitCode).toBe(0)
  const { command, postgres, scenarios } = JSON.parse(stdout) as BenchReport
  expect(command).toMatch(/ --contenders batched --profile$/)
  expect(postgres.settings["shared_preload_libraries"]).toBe("pg_stat_statements")
  const profile = scenarios[0]?.contenders[0]?.points[0]?.profile ?? expect.fail("nothing was profiled")
  expect(profile.nodeMicroseconds).toBeGreaterThan(0)
  const [longest, ...others] = profile.statements
  expect(longest?.microseconds).toBeGreaterThanOrEqual(others[0]?.microseconds ?? Number.NaN)
  const journal = profile.statements.find(({ statement }) => statement.startsWith("insert into journal"))
  expect(journal).toMatchObject({ isInner: false, walBytes: expect.any(Number) })
  // Many reservations share a statement.
  expect(journal?.calls).toBeLessThan(0.5)
  expect(profile.statements.some(({ isInner }) => isInner)).toBe(true)
  expect(JSON.stringify(profile)).not.toMatch(/earmark_bench_|pg_stat_statements|checkpoint/)
})

test("a server that counts no statements cannot be profiled, which is one sentence and exit code 1", async () => {
  const database = await openBenchDatabase()
  const { exitCode, stdout, stderr } = await run(["bench", "--profile"], { DATABASE_URL: database.url })
  expect([exitCode, stdout]).toEqual([1, ""])
  expect(stderr).toMatch(/^earmark: --profile needs a server that counts: .*create extension.*\n$/)
  await database.drop()
})

test("an expectation that is missed is exit code 1, after the report", async () => {
  const database = await openBenchDatabase()
  const text = "batched/atomic-update>=100000"
  const words = ["bench", "hot", ...SHORT, "--contenders", "batched,atomic-update", "--expect", text]
  const { exitCode, stdout, stderr } = await run(words, { DATABASE_URL: database.url })
  expect(exitCode).toBe(1)
  expect(stdout).toContain(text)
  expect(stderr).toMatch(/^expected batched\/atomic-update>=100000, but it is \d+\.\d+$/m)
  expect(await database.schemas()).toEqual([])
  await database.drop()
})

test.each([
  [["cold"], /^error: scenario cold: expected one of hot, storm, /m],
  [["--size", "huge"], /^error: --size huge: expected one of small, quick, full$/m],
  [["--rounds", "0"], /^error: --rounds 0: expected a whole number from 1 to 1000$/m],
  [["--seconds", "0"], /^error: --seconds 0: expected a number from 0.1 to 1000$/m],
  [["--pool-size", "x"], /^error: --pool-size x: expected a whole number from 1 to 1000$/m],
  [
    ["--expect", "hot:batched.p99<=10"],
    /^error: --expect hot:batched.p99<=10: expected a ratio of rates, such as 'batched\/atomic-update>=10'/m,
  ],
  [
    ["storm", "--expect", "batched/limit>=1"],
    /^error: --expect 'batched\/limit>=1': this run has no hot:batched; write for example /m,
  ],
  [["storm", "--contenders", "batched,limit"], /^error: no contender of these scenarios is called limit$/m],
])("wrong usage %j is exit code 2, before anything is started", async (words, sentence) => {
  const { exitCode, stdout, stderr } = await run(["bench", ...words], {
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere",
  })
  expect([exitCode, stdout]).toEqual([2, ""])
  expect(stderr).toMatch(sentence)
})

test("Ctrl-C ends it within a round, with exit code 1, and leaves no schema behind", async () => {
  const database = await openBenchDatabase()
  const words = ["bench", "hot", "--size", "small", "--seconds", "60", "--contenders", "batched"]
  const bench = launch(words, { DATABASE_URL: database.url })
  await database.until("the round is under way", async () => (await database.reservingSeconds()) > 2)
  bench.child.kill("SIGINT")
  const { exitCode, stdout, stderr } = await bench.ended()
  expect([exitCode, stdout]).toEqual([1, ""])
  expect(stderr).toContain("earmark: stopping (SIGINT)")
  expect(stderr).not.toContain("leaving it")
  expect(await database.schemas()).toEqual([])
  await database.drop()
})

test("a contender that fails ends it with exit code 1, and no schema is left behind", async () => {
  const database = await openBenchDatabase()
  const words = ["bench", "hot", "--size", "small", "--seconds", "60", "--contenders", "batched,row-lock"]
  const bench = launch(words, { DATABASE_URL: database.url })
  await database.until("both are open", async () => (await database.schemas()).length === 2)
  const [first = ""] = await database.schemas()
  await database.run(`drop schema ${first} cascade`)
  const { exitCode, stdout } = await bench.ended()
  expect([exitCode, stdout]).toEqual([1, ""])
  expect(await database.schemas()).toEqual([])
  await database.drop()
})

test("a database that cannot be reached is one sentence, and exit code 1", async () => {
  const { exitCode, stdout, stderr } = await run(["bench"], {
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere",
  })
  expect([exitCode, stdout]).toEqual([1, ""])
  expect(stderr).toMatch(/^earmark: cannot reach the database: .*ECONNREFUSED.*\n$/)
})

test("where the packages that measure are missing, one sentence says what to install", async () => {
  const withoutHistogram = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from "node:module"
    registerHooks({
      resolve(name, context, next) {
        if (name === "hdr-histogram-js") throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" })
        return next(name, context)
      },
    })`)}`
  const { exitCode, stdout, stderr } = await run(["bench"], { NODE_OPTIONS: `--import=${withoutHistogram}` })
  expect([exitCode, stdout, stderr]).toEqual([
    1,
    "",
    "earmark: the benchmark needs packages that do not come with Earmark: " +
      "npm install hdr-histogram-js vega vega-lite\n",
  ])
})
