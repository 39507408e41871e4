import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const run = promisify(execFile)
const MODULE = new URL("young-generation.ts", import.meta.url).href

/** What a fresh process prints that sets up its young generation and then makes objects. */
async function printed(script: string, ...flags: string[]): Promise<string> {
  const text = `
    import { createServer } from "node:http"
    import { getHeapSpaceStatistics } from "node:v8"
    import { setUpYoungGeneration } from ${JSON.stringify(MODULE)}
    const server = createServer()
    setUpYoungGeneration(server)
    ${script}`
  const { stdout } = await run(process.execPath, [...flags, "--input-type=module", "--eval", text])
  return stdout
}

test("the young generation grows to 64 MiB, and not to the 128 that V8 would give it", async () => {
  // So much survives that it would go on to grow.
  const megabytes = await printed(`
    let kept = []
    for (let request = 0; request < 20_000; request += 1) {
      server.emit("request")
      for (let count = 0; count < 500; count += 1) kept.push({ count, more: [count] })
      if (request % 1000 === 0) kept = []
    }
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")
    console.log(space_size / 2 ** 20)`)
  expect(Number(megabytes)).toBeGreaterThan(0)
  expect(Number(megabytes)).toBeLessThanOrEqual(64)
})

test("where much has survived, V8 does not decide to make old objects", async () => {
  const said = await printed(
    `
    const make = (value) => [value, value]
    const kept = []
    console.log("set up")
    for (let count = 0; count < 1_000_000; count += 1) kept.push(make({}))`,
    "--trace-pretenuring-statistics",
  )
  const [, since] = said.split("set up")
  // Else it names each place with what it found there.
  expect(since).not.toContain("AllocationSite")
})
