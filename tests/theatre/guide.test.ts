/** The example of `docs/guides/theatre.md` runs as it stands, and shows what it is there to show. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ListeningService, startListening } from "../http/raw-connection.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)

let service: ListeningService
beforeAll(async () => {
  service = await startListening({ plays: true })
})
afterAll(() => service.close())

test("the example plays both sales", async () => {
  const page = await readFile(new URL("../../docs/guides/theatre.md", import.meta.url), "utf8")
  const [, example = ""] = /```ts\n(.*?)```/s.exec(page) ?? []
  const program = example.replaceAll("http://localhost:8080", service.listensOn)
  const flags = ["--conditions=earmark-source", "--input-type=module-typescript", "--eval", program]
  const { stdout } = await run(process.execPath, flags, { cwd: ROOT, timeout: 30_000 })
  expect(stdout).toMatch(/^broken promised \d+ too many\nbatched promised 0 too many\n$/)
})
