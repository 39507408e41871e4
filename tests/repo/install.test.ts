/** `scripts/install.mjs` in projects of its own, with a stand-in for npm that only says that it was called. */
import { spawnSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"

const PROGRAM = fileURLToPath(new URL("../../scripts/install.mjs", import.meta.url))
const ROOT = fileURLToPath(new URL("../..", import.meta.url))

type Packages = Readonly<Record<string, { version?: string; optional?: boolean; link?: boolean }>>

interface Project {
  readonly wanted: Packages
  /** What npm says it has installed; null: nothing. */
  readonly installed: Packages | null
  /** Folders that are there. */
  readonly folders?: readonly string[]
  readonly npmExitCode?: number
}

async function install({ wanted, installed, folders, npmExitCode = 0 }: Project) {
  const root = await mkdtemp(join(tmpdir(), "earmark-install-"))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const folder of ["bin", ...(folders ?? Object.keys(installed ?? {}))]) {
    await mkdir(join(root, folder), { recursive: true })
  }
  await writeFile(join(root, "package-lock.json"), JSON.stringify({ packages: { "": {}, ...wanted } }))
  if (installed !== null) {
    await mkdir(join(root, "node_modules"), { recursive: true })
    await writeFile(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages: installed }))
  }
  await writeFile(join(root, "bin/npm"), `#!/bin/sh\necho "npm $*"\nexit ${npmExitCode}\n`)
  await chmod(join(root, "bin/npm"), 0o755)
  const path = [join(root, "bin"), process.env["PATH"]].join(delimiter)
  const environment = { ...process.env, PATH: path, npm_execpath: "" }
  return spawnSync(process.execPath, [PROGRAM, root], { encoding: "utf8", env: environment })
}

const A = { "node_modules/a": { version: "1.0.0" } }

test("does nothing, and says nothing, when everything is in place", async () => {
  const optional = { "node_modules/b": { version: "1.0.0", optional: true } }
  const { status, stdout, stderr } = await install({ wanted: { ...A, ...optional }, installed: A })
  expect([status, stdout, stderr]).toEqual([0, "", ""])
})

test.each<[string, Project, string]>([
  ["nothing is installed", { wanted: A, installed: null }, "there are none yet"],
  ["a package is missing", { wanted: A, installed: {} }, "node_modules/a is missing"],
  ["a folder is missing", { wanted: A, installed: A, folders: [] }, "node_modules/a is missing"],
  [
    "another version is wanted",
    { wanted: { "node_modules/a": { version: "2.0.0" } }, installed: A },
    "node_modules/a is 1.0.0, and 2.0.0 is wanted",
  ],
  [
    "a workspace needs other packages",
    { wanted: { ...A, runtime: { version: "2" } }, installed: { ...A, runtime: { version: "1" } } },
    "the workspace runtime needs other ones now",
  ],
])("installs when %s, and keeps standard output clean", async (_case, project, reason) => {
  const { status, stdout, stderr } = await install(project)
  expect([status, stdout]).toEqual([0, ""])
  expect(stderr).toContain(
    `earmark: installing the packages (${reason})\nnpm ci --no-audit --no-fund --loglevel=error\n`,
  )
})

test("says so when npm fails", async () => {
  const { status, stderr } = await install({ wanted: A, installed: null, npmExitCode: 1 })
  expect([status, stderr]).toEqual([1, expect.stringContaining("earmark: npm ci failed, see above")])
})

test("this very clone is in place, and finding that out is fast", () => {
  const startedMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ROOT], { encoding: "utf8" })
  expect([status, stderr]).toEqual([0, ""])
  // 40 ms where it was written; the bound is for machines that are busy with other tests.
  expect(performance.now() - startedMs).toBeLessThan(2000)
})
