/** The examples of `docs/guides/client.md` run as they stand, each as a program of its own. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { stock } from "../support/engine.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)

/** What each prints, in the order of the page. */
const PRINTED = [
  /^rsv_[0-9a-f]{32} is yours until \d{4}-.*Z\nconfirmed\n$/,
  /^only 99 of MUG are left\n$/,
  /^true true\n$/,
  /^rsv_[0-9a-f]{32} \d{4}-.*Z\n1 items, and then null\n$/,
  /^(.* true\n)*reservation\.confirmed rsv_[0-9a-f]{32} true\n$/,
  /^connection open\nMUG 98\n$/,
  /^(300|299) seconds left\n$/,
]

let service: ListeningService
beforeAll(async () => {
  service = await startListening()
  await stock(service.engine, "MUG", { BERLIN: 100 })
})
afterAll(() => service.close())

test("every example does what it says", async () => {
  const page = await readFile(new URL("../../docs/guides/client.md", import.meta.url), "utf8")
  const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code)
  expect(examples).toHaveLength(PRINTED.length)
  for (const [index, example] of examples.entries()) {
    expect(example.trimEnd().split("\n").length, example).toBeLessThanOrEqual(12)
    const program = example.replaceAll("http://localhost:8080", service.listensOn)
    const flags = ["--conditions=earmark-source", "--input-type=module-typescript", "--eval", program]
    const { stdout } = await run(process.execPath, flags, { cwd: ROOT, timeout: 30_000 })
    expect(stdout, example).toMatch(PRINTED[index] ?? "")
  }
})
