import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { StartError } from "../../core/errors.ts"
import { type PrivatePostgres, startPrivatePostgres } from "./private-postgres.ts"

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-start-errors-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // mkdtemp's 700 would make root keep the cluster elsewhere.
  await chmod(folder, 0o755)
  return folder
}

async function startError(started: Promise<PrivatePostgres>): Promise<string> {
  const error = await started.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StartError)
  return (error as StartError).message
}

describe("what a person must mend", () => {
  test("a cluster of another Postgres version", async () => {
    const dataDir = await makeFolder()
    await mkdir(join(dataDir, "postgres"))
    await writeFile(join(dataDir, "postgres", "PG_VERSION"), "17\n")
    const message = await startError(startPrivatePostgres({ dataDir }))
    expect(message).toContain("was made by Postgres 17, and the private Postgres is 18")
  })

  test("a folder of something else", async () => {
    const dataDir = await makeFolder()
    await mkdir(join(dataDir, "postgres"))
    await writeFile(join(dataDir, "postgres", "notes.txt"), "mine")
    expect(await startError(startPrivatePostgres({ dataDir }))).toContain("is not a database cluster")
    expect(await readFile(join(dataDir, "postgres", "notes.txt"), "utf8")).toBe("mine")
  })

  test("a data folder that cannot be made", async () => {
    const file = join(await makeFolder(), "file")
    await writeFile(file, "")
    expect(await startError(startPrivatePostgres({ dataDir: join(file, "data") }))).toContain(
      "cannot be used (ENOTDIR",
    )
  })

  test.runIf(process.platform === "linux")(
    "a data folder where the file system makes none (only on Linux)",
    { timeout: 10_000 },
    async () => {
      const started = startPrivatePostgres({ dataDir: "/proc/nope/deeper" })
      expect(await startError(started)).toMatch(
        /The data folder \/proc\/nope\/deeper cannot be used .*EARMARK_DATA_DIR/,
      )
    },
  )

  test("a server that exits at once, with what it said", async () => {
    const dataDir = await makeFolder()
    const message = await startError(startPrivatePostgres({ dataDir, settings: { shared_buffers: "much" } }))
    expect(message).toContain('invalid value for parameter "shared_buffers": "much"')
    expect(message).toContain(join(dataDir, "postgres.log"))
  })
})
