import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase } from "../support/database.ts"
import { run } from "./earmark-process.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const execute = promisify(execFile)

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** Compiles everything, on a machine that does other things at the same time. */
const PACK_MS_MAX = 180_000

/** A project that has installed the packed package. */
let project: string
let packed: Packed
let main: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "earmark-package-"))
  const { stdout } = await execute("npm", ["pack", "--json", "--pack-destination", project], { cwd: ROOT })
  const answer: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))
  packed = Object.values(answer as Record<string, Packed>)[0] as Packed
  await execute("tar", ["-xzf", packed.filename], { cwd: project })
  await mkdir(join(project, "node_modules"))
  await symlink(join(project, "package"), join(project, "node_modules", "earmark"))
  await symlink(join(ROOT, "node_modules"), join(project, "package", "node_modules"))
  main = join(project, "package", "dist", "cli", "main.js")
}, PACK_MS_MAX)

afterAll(() => rm(project, { recursive: true, force: true }))

test("the package has the code with its declarations, the migrations and the docs, and nothing else", () => {
  const paths = packed.files.map(({ path }) => path)
  for (const path of [
    "LICENSE",
    "package.json",
    "dist/index.js",
    "dist/index.d.ts",
    "docs/reference/cli.md",
    "dist/pages/index.html",
  ]) {
    expect(paths).toContain(path)
  }
  expect(paths.some((path) => /^dist\/postgres\/migrations\/.*\.sql$/.test(path))).toBe(true)
  const strange =
    /^(?!dist\/|docs\/|LICENSE$|README\.md$|CHANGELOG\.md$|package\.json$)|\.test\.|(?<!\.d)\.ts$/
  expect(paths.filter((path) => strange.test(path))).toEqual([])
})

test("what package.json promises is there", async () => {
  const text = await readFile(join(project, "package", "package.json"), "utf8")
  const { bin, exports } = JSON.parse(text) as {
    bin: Record<string, string>
    exports: Record<string, string | Record<string, string>>
  }
  const paths = packed.files.map(({ path }) => path)
  const promised = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : [entry["types"] ?? "", entry["default"] ?? ""],
  )
  for (const path of [...Object.values(bin), ...promised]) expect(paths).toContain(path.replace(/^\.\//, ""))
})

test("the command line runs from the package", async () => {
  const help = await run(["--help"], {}, main)
  expect([help.exitCode, help.stderr]).toEqual([0, ""])
  expect(help.stdout).toContain("Usage: earmark")
  const { stdout } = await execute(main, ["--version"])
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test("the package brings its migrations, and a program that imports it can reserve", async () => {
  const database = await createTestDatabase({ migrated: false })
  expect((await run(["migrate"], { DATABASE_URL: database.url }, main)).exitCode).toBe(0)
  expect((await run(["seed"], { DATABASE_URL: database.url }, main)).exitCode).toBe(0)
  const program = `
    import { createEngine } from "earmark"
    const engine = await createEngine({ databaseUrl: ${JSON.stringify(database.url)} })
    const { outcome } = await engine.reserve({ lines: [{ sku: "CERAMIC-MUG", quantity: 1, location: "LAX" }] })
    await engine.close()
    console.log(outcome)`
  const flags = ["--input-type=module", "--eval", program]
  expect((await execute(process.execPath, flags, { cwd: project })).stdout).toBe("reserved\n")
  await database.drop()
})
