/** The smallest size of everything that runs in one process, so that the benchmark cannot rot. */
import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { BenchReport, ContenderResult, PointResult } from "../../src/bench/result.ts"
import { POSTGRES_STRATEGIES } from "../../src/index.ts"
import { openBenchDatabase } from "./bench-database.ts"

const SCENARIOS = ["hot", "storm", "wide-uniform", "wide-zipf", "baskets", "life", "flood", "growth"]
/** Sharing transactions is what makes the difference: seen at 20, and far from it something is broken. */
const EXPECTED = "batched/atomic-update>=2"

let ended: { readonly stdout: string; readonly stderr: string }
let report: BenchReport
let folder: string
let schemasLeft: string[]
let password: string

beforeAll(async () => {
  const database = await openBenchDatabase()
  password = new URL(database.url).password
  folder = await mkdtemp(join(tmpdir(), "earmark-report-"))
  const words = [
    "src/cli/main.ts",
    "bench",
    ...SCENARIOS,
    "--size",
    "small",
    "--json",
    "--out",
    join(folder, "new"),
    "--expect",
    EXPECTED,
  ]
  // Anything but exit code 0 is thrown.
  const env = { PATH: process.env["PATH"], DATABASE_URL: database.url }
  ended = await promisify(execFile)(process.execPath, words, { env })
  schemasLeft = await database.schemas()
  await database.drop()
  report = JSON.parse(ended.stdout) as BenchReport
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

function contendersOf(scenario: string): readonly ContenderResult[] {
  return report.scenarios.find(({ name }) => name === scenario)?.contenders ?? []
}

function pointsOf(scenario: string, contender: string): readonly PointResult[] {
  return contendersOf(scenario).find(({ name }) => name === contender)?.points ?? []
}

test("it passes, says how far it is, and leaves no schema behind", () => {
  expect(schemasLeft).toEqual([])
  expect(ended.stderr).toMatch(/^\[1\/\d+\] .* left {2}hot: opening batched$/m)
})

test("every scenario has its contenders", () => {
  const strategies = POSTGRES_STRATEGIES.toReversed()
  const names = report.scenarios.map(({ name, contenders }) => [name, contenders.map((each) => each.name)])
  expect(Object.fromEntries(names)).toEqual({
    hot: [...strategies, "batched-keyed", "limit", "broken"],
    storm: [...strategies, "broken"],
    "wide-uniform": [...strategies, "batched-one-level"],
    "wide-zipf": [...strategies, "batched-one-level"],
    baskets: [...strategies, "batched-one-level"],
    life: [...strategies, "batched-reserve-only"],
    flood: ["batched"],
    growth: ["batched", "batched-keyed"],
  })
})

test("every strategy sold what there was, no unit more, and lost none", () => {
  for (const { name: scenario, contenders } of report.scenarios) {
    for (const { name, points } of contenders.filter(({ role }) => role !== "broken")) {
      for (const { label, oversold, leaked, rate, rounds } of points) {
        expect({ scenario, name, label, oversold, leaked }).toMatchObject({ oversold: 0, leaked: 0 })
        expect(rate.median).toBeGreaterThan(0)
        expect(rounds).toBe(1)
      }
    }
  }
})

test("the broken one was seen to oversell, wherever it ran", () => {
  for (const scenario of ["hot", "storm"]) {
    const oversold = pointsOf(scenario, "broken").reduce((sum, point) => sum + point.oversold, 0)
    expect(oversold).toBeGreaterThan(0)
  }
})

test("what is expected is judged, and the limit is only a rate", () => {
  expect(report.expectations).toEqual([
    { text: EXPECTED, scenario: "hot", value: expect.any(Number), holds: true },
  ])
  const rateOf = (name: string) => pointsOf("hot", name)[0]?.rate.median ?? Number.NaN
  // How they compare says nothing at this size, beside other tests.
  expect(rateOf("limit")).toBeGreaterThan(0)
  expect(pointsOf("hot", "limit").map(({ latencyMs }) => latencyMs)).toEqual([null])
})

test("an open loop offers a fifth of the highest rate, and tells latencies", () => {
  for (const name of POSTGRES_STRATEGIES) {
    const [closed, open] = pointsOf("hot", name)
    expect(open?.offeredPerSecond).toBeCloseTo((closed?.rate.median ?? 0) / 5)
    expect(open?.latencyMs?.p50).toBeGreaterThan(0)
    expect(open?.latencyMs?.p99).toBeGreaterThanOrEqual(open?.latencyMs?.p50 ?? 0)
  }
})

test("a storm grants exactly the units that exist, once everybody has been answered", () => {
  const [point] = pointsOf("storm", "batched")
  expect(point?.figures).toMatchObject({ callersAnswered: { median: 300 }, unitsGranted: { median: 20 } })
})

test("a flood is given back whole, while requests go on", () => {
  const [, usual, during] = pointsOf("flood", "batched")
  expect([usual?.at, during?.at]).toEqual([0, 2000])
  expect(during?.figures["sweepSeconds"]?.median).toBeGreaterThan(0)
  // A histogram keeps three digits, and merging rounds.
  const ratio = (name: string, point = during) =>
    (during?.figures[name]?.median ?? 0) / (point?.latencyMs?.p99 ?? Number.NaN)
  expect(ratio("reserveP99UsualMs", usual)).toBeCloseTo(1)
  expect(ratio("reserveP99DuringMs")).toBeCloseTo(1)
})

test("growth is measured with and without finished reservations", () => {
  expect(pointsOf("growth", "batched").map(({ at }) => at)).toEqual([0, 1000])
})

test("the report says what was measured, where, and how to repeat it", () => {
  expect(report).toMatchObject({
    format: 1,
    command: expect.stringMatching(
      /^DATABASE_URL=postgres:\/\/... earmark bench .*--size small --expect '.*'$/,
    ),
    size: "small",
    machine: { node: process.version, cores: expect.any(Number), cpu: expect.any(String) },
    earmark: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    postgres: {
      origin: "given",
      version: expect.stringMatching(/^\d+/),
      settings: { fsync: "on", synchronous_commit: "on", shared_buffers: expect.any(String) },
    },
  })
  expect(report.scenarios[5]?.command).toBe("DATABASE_URL=postgres://... earmark bench life --size small")
  expect(ended.stdout + ended.stderr).not.toContain(password)
})

test("--out has the same report as JSON, and a page of it", async () => {
  expect(JSON.parse(await readFile(join(folder, "new", "report.json"), "utf8"))).toEqual(report)
  const page = await readFile(join(folder, "new", "report.html"), "utf8")
  expect(page).toContain("<svg")
})
