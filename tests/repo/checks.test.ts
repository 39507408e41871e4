/** Each check of `npm run check` that is ours turns red when it is violated, and not otherwise. */
import { readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { expect, test } from "vitest"
import { check, type Files, makeProject } from "./project.ts"

const LAYER_CONFIGURATION = [".dependency-cruiser.cjs", "package.json", "tsconfig.json"]

/** Files that import nothing, to be imported. */
const LEAVES = [
  "src/core/leaf.ts",
  "src/core/leaf.test.ts",
  "src/protocol/leaf.ts",
  "src/engine/leaf.ts",
  "src/postgres/leaf.ts",
  "src/postgres/reader.ts",
  "src/postgres/replica/leaf.ts",
  "src/postgres/strategies/leaf.ts",
  "src/http/leaf.ts",
  "src/cli/leaf.ts",
  "src/bench/leaf.ts",
  "src/broken/leaf.ts",
  "src/index.ts",
  "src/client/index.ts",
  "console/src/leaf.ts",
]

const LAYERED: Files = {
  "src/engine/reserve.ts": 'import "../core/leaf.ts"\n',
  "src/postgres/connect.ts": 'import pg from "pg"\nimport "../engine/leaf.ts"\nexport const pool = pg\n',
  "src/cli/start.ts":
    'import type pg from "pg"\nimport "../postgres/connect.ts"\nexport type Pool = pg.Pool\n',
  "src/client/ask.ts": 'import type { Shape } from "../protocol/shape.ts"\nexport type Asked = Shape\n',
  "src/protocol/shape.ts": "export interface Shape {}\n",
  "console/src/main.tsx": 'import "../../src/client/index.ts"\nimport "./leaf.ts"\n',
  "src/cli/bench.ts": 'import "../bench/leaf.ts"\n',
  "src/bench/run.ts":
    'import pg from "pg"\nimport "../index.ts"\nimport "./leaf.ts"\nexport const pool = pg\n',
  "src/bench/compares.ts": 'import "../broken/leaf.ts"\n',
  "src/broken/sells.ts": 'import pg from "pg"\nexport const pool = pg\n',
  "bench/main.ts": 'import "../src/index.ts"\n',
}

/** Rule, file, what it says. */
const VIOLATIONS: readonly (readonly [string, string, string])[] = [
  ["core-is-pure", "src/core/runs-sql.ts", 'import "pg"'],
  ["core-is-pure", "src/core/names-pool.ts", 'import type pg from "pg"\nexport type Pool = pg.Pool'],
  ["core-is-pure", "src/core/reads-file.ts", 'import "node:fs"'],
  ["layer-core", "src/core/up.ts", 'import "../engine/leaf.ts"'],
  ["layer-config", "src/config/up.ts", 'import "../engine/leaf.ts"'],
  ["layer-telemetry", "src/telemetry/up.ts", 'import "../engine/leaf.ts"'],
  ["layer-protocol", "src/protocol/up.ts", 'import "../http/leaf.ts"'],
  ["layer-client", "src/client/deep.ts", 'import "../core/leaf.ts"'],
  ["client-stands-alone", "src/client/parses.ts", 'import "../protocol/leaf.ts"'],
  ["client-stands-alone", "src/client/reads-file.ts", 'import "node:fs"'],
  ["client-stands-alone", "src/client/checks.ts", 'import { z } from "zod"\nexport const text = z.string()'],
  ["layer-engine", "src/engine/up.ts", 'import "../postgres/leaf.ts"'],
  ["layer-postgres", "src/postgres/across.ts", 'import "../http/leaf.ts"'],
  ["layer-redis", "src/redis/across.ts", 'import "../postgres/leaf.ts"'],
  ["layer-events", "src/events/across.ts", 'import "../postgres/leaf.ts"'],
  ["layer-worker", "src/worker/across.ts", 'import "../postgres/leaf.ts"'],
  ["layer-theatre", "src/theatre/across.ts", 'import "../postgres/leaf.ts"'],
  ["layer-broken", "src/broken/borrows.ts", 'import "../engine/leaf.ts"'],
  ["layer-http", "src/http/across.ts", 'import "../postgres/leaf.ts"'],
  ["console-sees-the-client", "console/src/pages.tsx", 'import "../../src/core/leaf.ts"'],
  ["console-sees-the-client", "console/src/deep.ts", 'import "../../src/client/ask.ts"'],
  ["nobody-sees-the-console", "src/http/pages.ts", 'import "../../console/src/leaf.ts"'],
  ["replicas-never-write", "src/postgres/replica/writes.ts", 'import "../strategies/leaf.ts"'],
  ["deciders-read-the-primary", "src/postgres/strategies/reads.ts", 'import "../reader.ts"'],
  ["deciders-read-the-primary", "src/postgres/expires.ts", 'import "./replica/leaf.ts"'],
  ["roots-are-roots", "src/engine/inside-out.ts", 'import "../cli/leaf.ts"'],
  ["roots-are-roots", "src/http/inside-out.ts", 'import "../index.ts"'],
  ["no-cycles", "src/core/egg.ts", 'import "./hen.ts"'],
  ["no-cycles", "src/core/egg-type.ts", 'import type { Hen } from "./hen-type.ts"\nexport type Egg = Hen'],
  ["postgres-driver-stays", "src/cli/opens.ts", 'import pg from "pg"\nexport const pool = pg'],
  [
    "postgres-driver-stays",
    "src/http/selects.ts",
    'import { sql } from "drizzle-orm"\nexport const now = sql',
  ],
  ["postgres-driver-types-stay", "src/http/names.ts", 'import type pg from "pg"\nexport type Pool = pg.Pool'],
  ["redis-driver-stays", "src/worker/wakes.ts", 'import "redis"'],
  ["kafka-client-stays", "src/worker/sends.ts", 'import "@platformatic/kafka"'],
  ["strategies-are-strangers", "src/postgres/strategies/sibling.ts", 'import "./leaf.ts"'],
  ["source-knows-no-tests", "src/core/tested.ts", 'import "./leaf.test.ts"'],
  ["only-what-is-exported", "bench/deep.ts", 'import "../src/core/leaf.ts"'],
  ["only-what-is-exported", "src/bench/deep.ts", 'import "../core/leaf.ts"'],
  ["only-what-is-exported", "src/bench/runs-cli.ts", 'import "../cli/leaf.ts"'],
  ["bench-is-optional", "src/http/measures.ts", 'import "../bench/leaf.ts"'],
  ["broken-is-shown-only", "src/http/sells.ts", 'import "../broken/leaf.ts"'],
  ["resolvable", "src/core/nowhere.ts", 'import "./gone.ts"'],
  ["declared", "src/telemetry/guesses.ts", 'import "fast-check"'],
]

/** A cycle is reported once, at one of its files. */
const HENS: Files = {
  "src/core/hen.ts": 'import "./egg.ts"\n',
  "src/core/hen-type.ts": 'import type { Egg } from "./egg-type.ts"\nexport type Hen = Egg\n',
}

const leaves = Object.fromEntries(LEAVES.map((name) => [name, "export {}\n"]))

test("layers that point one way pass", async () => {
  const root = await makeProject({ ...leaves, ...LAYERED }, LAYER_CONFIGURATION)
  expect(check("check-layers.mjs", root)).toEqual({
    exitCode: 0,
    output: expect.stringMatching(/^layers: \d+ modules, \d+ imports, no violation$/m),
  })
})

test("every layer rule turns red where it is broken, and only there", async () => {
  const broken = Object.fromEntries(VIOLATIONS.map(([, file, text]) => [file, `${text}\n`]))
  const root = await makeProject({ ...leaves, ...LAYERED, ...HENS, ...broken }, LAYER_CONFIGURATION)
  const { exitCode, output } = check("check-layers.mjs", root)
  expect(exitCode).toBe(1)
  const found = new Set([...output.matchAll(/^([a-z-]+: \S+\.tsx?) ->/gm)].map((match) => match[1]))
  const wanted = VIOLATIONS.map(([rule, file]) => `${rule}: ${file}`)
  for (const violation of wanted) expect(found).toContain(violation)
  const files = VIOLATIONS.map(([, file]) => file)
  expect([...found].filter((violation) => !files.includes(violation?.split(": ")[1] ?? ""))).toEqual([])
  const { forbidden } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as {
    forbidden: { name: string }[]
  }
  expect(forbidden.map(({ name }) => name).filter((name) => !output.includes(`${name}: `))).toEqual([])
})

test("a cruise that has not seen every file does not pass", async () => {
  const files = { "src/core/a.ts": "export {}\n", "src/core/b.ts": "export {}\n" }
  const root = await makeProject(files, LAYER_CONFIGURATION.slice(1))
  const rules = 'module.exports = { forbidden: [], options: { exclude: { path: "b.ts" } } }\n'
  await writeFile(`${root}/.dependency-cruiser.cjs`, rules)
  const { exitCode, output } = check("check-layers.mjs", root)
  expect([exitCode, output]).toEqual([1, expect.stringContaining("not seen: src/core/b.ts")])
})

test("sizes: 400 lines pass, 401 do not, and the median is reported", async () => {
  const fits = await makeProject({ "src/core/a.ts": "//\n".repeat(400), "src/core/b.ts": "//\n".repeat(20) })
  expect(check("check-sizes.mjs", fits)).toEqual({
    exitCode: 0,
    output: "sizes: 2 files, median 400 lines, longest 400\n",
  })
  for (const name of ["src/a.ts", "tests/a.ts", "bench/a.ts", "scripts/a.mjs", "examples/a.ts"]) {
    const { exitCode, output } = check("check-sizes.mjs", await makeProject({ [name]: "//\n".repeat(401) }))
    expect([exitCode, output]).toEqual([1, `${name}: 401 lines, 400 is the limit\n`])
  }
})

test("a check that finds no file is red", async () => {
  const root = await makeProject({ "README.md": "" })
  for (const script of ["check-sizes.mjs", "check-words.mjs"]) expect(check(script, root).exitCode).toBe(1)
})

test.each([
  ["src/a.ts", "const levelUtils = 1"],
  ["src/a.ts", "class StockManager {}"],
  ["src/stock-utils.ts", ""],
  ["src/a.ts", "// TODO later"],
  ["tests/a.test.ts", 'it.only("x", () => {})'],
  ["tests/a.test.ts", 'describe.only("x", () => {})'],
  ["tests/a.test.ts", 'test.skip("x", () => {})'],
  ["bench/a.ts", "const productId = 1"],
  ["src/postgres/a.sql", "select order_id from t;"],
  ["src/http/a.ts", "const level = process.env.LOG_LEVEL"],
])("words: %s may not say %s", async (name, text) => {
  const { exitCode, output } = check("check-words.mjs", await makeProject({ [name]: `${text}\n` }))
  expect([exitCode, output]).toEqual([1, expect.stringContaining(name)])
})

test("words: what is allowed passes", async () => {
  const files = {
    "src/a.ts": 'import { promisify } from "node:util"\nexport const run = promisify\n',
    "src/cli/main.ts": "run({ environment: process.env })\n",
    "tests/a.test.ts": "spawn({ env: process.env })\n",
  }
  expect(check("check-words.mjs", await makeProject(files)).output).toBe(
    "words: 3 files, nothing forbidden\n",
  )
})

test("npm run check runs every check there is", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8")
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> }
  for (const part of [
    "biome check --error-on-warnings",
    "tsc -p .",
    "check-layers",
    "knip",
    "check-sizes",
    "check-words",
    "bench-docs.mjs --check",
  ]) {
    expect(scripts["check"]).toContain(part)
  }
})
