import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, onTestFinished, test } from "vitest"
import { listening } from "../cli/earmark-process.ts"
import { createTestDatabase } from "../support/database.ts"
import { type ArtilleryScript, walkFlow } from "./artillery-walk.ts"
import type { K6Run } from "./k6-stand-in.ts"

const run = promisify(execFile)
const FOLDER = new URL("../../bench/load/", import.meta.url)
const SKU = "LOAD-TEST"

/** The parser that a package of ours brings. */
const yaml = createRequire(import.meta.resolve("@fastify/swagger"))("yaml") as {
  parse(text: string): unknown
}

/** A service on an empty database. */
async function startService() {
  const database = await createTestDatabase()
  const service = await listening(["serve"], { DATABASE_URL: database.url })
  onTestFinished(async () => {
    await service.stop()
    await database.drop()
  })
  const { url } = service
  const get = async (path: string) => (await fetch(url + path)).json()
  return {
    url,
    async states(): Promise<Record<string, number>> {
      const { data } = (await get("/v1/reservations?limit=200")) as { data: { state: string }[] }
      const groups = Object.groupBy(data, ({ state }) => state)
      return Object.fromEntries(Object.entries(groups).map(([state, all = []]) => [state, all.length]))
    },
    available: async () => ((await get(`/v1/items/${SKU}`)) as { available: number }).available,
    /** Keeps all units back from sale, however many come. */
    sellNothing: () =>
      fetch(`${url}/v1/stock/${SKU}/${SKU}`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ safetyStock: 1_000_000_000 }),
      }),
  }
}

describe("reserve.artillery.yml", () => {
  const load = async () =>
    yaml.parse(await readFile(new URL("reserve.artillery.yml", FOLDER), "utf8")) as ArtilleryScript

  test("fails on errors and on nothing else, and confirms seven of ten", async () => {
    const { config, scenarios } = await load()
    expect(config).toMatchObject({
      target: "{{ $env.EARMARK_URL }}",
      plugins: { expect: { reportFailuresAsErrors: true }, ensure: {} },
    })
    expect(config).toHaveProperty("ensure", { maxErrorRate: 0 })
    expect(scenarios.map(({ name, weight }) => [name, weight])).toEqual([
      ["reserve and confirm", 7],
      ["reserve and release", 3],
    ])
  })

  test("sends what the service takes, and does no more when it is sold out", async () => {
    const service = await startService()
    const script = await load()
    const environment = { EARMARK_URL: service.url }
    const walk = async () => {
      const flows = [script.before.flow, ...script.scenarios.map(({ flow }) => flow)]
      const sent = []
      for (const flow of flows) sent.push(await walkFlow(script, flow, environment))
      expect(sent.flat().filter(({ expected }) => !expected)).toEqual([])
      return sent.map((flow) => flow.map(({ status }) => status))
    }
    expect(await walk()).toEqual([
      [201, 201, 201],
      [201, 200],
      [201, 200],
    ])
    expect(await service.states()).toEqual({ confirmed: 1, released: 1 })
    expect(await service.available()).toBe(99_999)
    await service.sellNothing()
    expect(await walk()).toEqual([[200, 200, 201], [409], [409]])
  })
})

describe("reserve.k6.js", () => {
  const iterate = async (url: string, iterations: number): Promise<K6Run> => {
    const program = fileURLToPath(new URL("k6-stand-in.ts", import.meta.url))
    const script = fileURLToPath(new URL("reserve.k6.js", FOLDER))
    const env = { ...process.env, EARMARK_URL: url }
    const { stdout } = await run(process.execPath, [program, script, String(iterations)], { env })
    return JSON.parse(stdout) as K6Run
  }

  test("sends what the service takes, and does no more when it is sold out", async () => {
    const service = await startService()
    const first = await iterate(service.url, 10)
    expect(first.options).toMatchObject({
      thresholds: { checks: ["rate==1"], http_req_failed: ["rate==0"], dropped_iterations: ["count==0"] },
      scenarios: { reserve: { executor: "constant-arrival-rate", rate: 100, duration: "1m" } },
    })
    expect(first.failedChecks).toEqual([])
    expect(first.requests.filter(({ expected }) => !expected)).toEqual([])
    expect(new Set(first.requests.map(({ name, status }) => `${name} ${status}`))).toEqual(
      new Set([
        "PUT /v1/locations/LOAD-TEST 201",
        "PUT /v1/items/LOAD-TEST 201",
        "POST /v1/stock/adjustments 201",
        "POST /v1/reservations 201",
        "POST /v1/reservations/:id/confirm 200",
        "POST /v1/reservations/:id/release 200",
      ]),
    )
    expect(await service.states()).toEqual({ confirmed: 7, released: 3 })
    expect(await service.available()).toBe(99_993)
    await service.sellNothing()
    const second = await iterate(service.url, 3)
    expect(second.failedChecks).toEqual([])
    expect(second.requests.slice(3).map(({ status, expected }) => [status, expected])).toEqual([
      [409, true],
      [409, true],
      [409, true],
    ])
  })

  test("fails its checks where nobody answers", async () => {
    const { failedChecks } = await iterate("http://127.0.0.1:1", 1)
    expect(failedChecks).toEqual(["is there", "is there", "is received", "is reserved or sold out"])
  })
})
