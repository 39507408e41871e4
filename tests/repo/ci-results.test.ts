import { spawnSync } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"

const PROGRAM = fileURLToPath(new URL("../../scripts/ci-results.mjs", import.meta.url))

type Statuses = Readonly<Record<string, string>>
interface Run {
  readonly exitCode?: number
  readonly failedSteps?: number
  readonly files?: readonly { status: string; name: string; message: string }[]
}

/** @param statuses of tests by their names; null: the run has left no report */
async function judge(statuses: Statuses | null, { exitCode = 0, failedSteps = 0, files = [] }: Run = {}) {
  const folder = await mkdtemp(join(tmpdir(), "earmark-ci-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const report = join(folder, "results.json")
  const assertionResults = Object.entries(statuses ?? {}).map(([fullName, status]) => ({ fullName, status }))
  const withoutTests = files.map((file) => ({ ...file, assertionResults: [] }))
  const testResults = [
    { status: "passed", name: "a.test.ts", message: "", assertionResults },
    ...withoutTests,
  ]
  if (statuses !== null) await writeFile(report, JSON.stringify({ testResults }))
  const words = [PROGRAM, report, `${exitCode}`, `${failedSteps}`]
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: "utf8" })
  return { exitCode: status, lastLine: stdout.trimEnd().split("\n").at(-1) }
}

test("all passed", async () => {
  expect(await judge({ a: "passed", b: "passed" })).toEqual({ exitCode: 0, lastLine: "2 passed, 0 failed" })
})

test("one failed", async () => {
  const verdict = { exitCode: 1, lastLine: "1 passed, 1 failed" }
  expect(await judge({ a: "passed", b: "failed" }, { exitCode: 1 })).toEqual(verdict)
})

test("a test that was left out fails unless its name says why this machine cannot run it", async () => {
  const unexplained = { exitCode: 1, lastLine: "1 passed, 1 failed" }
  for (const status of ["skipped", "pending", "todo"]) {
    expect(await judge({ a: "passed", b: status })).toEqual(unexplained)
  }
  const explained = { exitCode: 0, lastLine: "1 passed, 0 failed" }
  expect(await judge({ a: "passed", "b (only as root)": "skipped" })).toEqual(explained)
  expect(await judge({ a: "passed", "b (declared exception: it cannot)": "skipped" })).toEqual(explained)
})

test("a run in which nothing ran, or that left no report, fails", async () => {
  const verdict = { exitCode: 1, lastLine: "0 passed, 1 failed" }
  expect(await judge({})).toEqual(verdict)
  expect(await judge(null, { exitCode: 1 })).toEqual(verdict)
})

test("a file that cannot be loaded fails, and so does an error outside the tests", async () => {
  const verdict = { exitCode: 1, lastLine: "1 passed, 1 failed" }
  const broken = { status: "failed", name: "b.test.ts", message: "cannot be loaded" }
  expect(await judge({ a: "passed" }, { exitCode: 1, files: [broken] })).toEqual(verdict)
  expect(await judge({ a: "passed" }, { exitCode: 1 })).toEqual(verdict)
})

test("a step that failed before counts", async () => {
  const verdict = { exitCode: 1, lastLine: "1 passed, 2 failed" }
  expect(await judge({ a: "passed" }, { failedSteps: 2 })).toEqual(verdict)
})
