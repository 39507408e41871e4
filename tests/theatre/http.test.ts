/** The theatre over HTTP: what is asked of it, and what is refused. */
import { afterEach, describe, expect, test } from "vitest"
import { sale as saleSchema, theatre as theatreSchema } from "../../src/protocol/theatre.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { createTestService, invalid, problem, type TestService } from "../http/service.ts"
import { TestEventSource } from "../support/event-source.ts"

let service: TestService
afterEach(() => service.close())

const BODY = { units: 10, buyers: 100, strategy: "batched" }
/** Sells for as long as nobody stops it. */
const LONG = { units: 10_000, buyers: 20_000, strategy: "row-lock" }
const start = (body: unknown) => service.call("POST", "/v1/theatre/sales", { body })

async function untilOver(path: string): Promise<void> {
  const state = async () => (await service.call("GET", path)).body.state
  await expect.poll(state, { timeout: 10_000 }).toMatch(/^(finished|stopped|failed)$/)
}

async function untilRunning(path: string): Promise<void> {
  const state = async () => (await service.call("GET", path)).body.state
  await expect.poll(state, { timeout: 10_000 }).toBe("running")
}

describe("where it is turned on", () => {
  test("it says who can sell, what the limits are, and how the last sale went", async () => {
    service = await createTestService({ plays: true })
    const { body } = await service.call("GET", "/v1/theatre")
    expect(theatreSchema.strict().parse(body)).toMatchObject({
      limits: { unitsMax: 10_000, buyersMax: 20_000 },
      current: null,
    })
    const { status, headers, body: begun } = await start(BODY)
    expect([status, headers["location"]]).toEqual([201, `/v1/theatre/sales/${begun.id}`])
    await untilOver(String(headers["location"]))
    const { body: over } = await service.call("GET", String(headers["location"]))
    expect(saleSchema.strict().parse(over)).toMatchObject({
      ...BODY,
      state: "finished",
      asked: 100,
      reserved: 10,
      refused: 90,
      oversold: 0,
      books: { units: 10, promised: 10, available: 0, brokenLaws: [] },
    })
    expect((await service.call("GET", "/v1/theatre")).body.current).toEqual(over)
    const { body: stopped } = await service.call("POST", `/v1/theatre/sales/${begun.id}/stop`)
    expect(stopped).toEqual(over)
  })

  test.each([
    [{}, ["/units", "/buyers", "/strategy"]],
    [{ units: 0, buyers: 0, strategy: "fast" }, ["/units", "/buyers", "/strategy"]],
    [{ units: 10_001, buyers: 20_001, strategy: "redis" }, ["/units", "/buyers", "/strategy"]],
    [{ units: "1", buyers: 1.5, strategy: null }, ["/units", "/buyers", "/strategy"]],
    [{ ...BODY, schema: "earmark" }, ["/schema"]],
    [[], [""]],
  ])("%j is refused with a pointer to each mistake", async (body, pointers) => {
    service = await createTestService({ plays: true })
    expect(await start(body)).toMatchObject(invalid(...pointers))
    expect((await service.call("GET", "/v1/theatre")).body.current).toBeNull()
  })

  test("a second sale is refused with the name of the first, which can be stopped", async () => {
    service = await createTestService({ plays: true })
    const { body: first } = await start(LONG)
    const path = `/v1/theatre/sales/${first.id}`
    await untilRunning(path)
    const second = await start(BODY)
    expect(second).toMatchObject(problem(409, "sale_running"))
    expect(second.body.detail).toContain(first.id)
    const { status, body: stopped } = await service.call("POST", `${path}/stop`, { body: {} })
    expect(status).toBe(200)
    expect(stopped).toMatchObject({ state: "stopped", stoppedBy: "request", oversold: 0 })
    expect(stopped.books.promised).toBe(stopped.reserved)
    expect((await start(BODY)).status).toBe(201)
  })

  test("what nobody has played is not found", async () => {
    service = await createTestService({ plays: true })
    for (const [method, path] of [
      ["GET", "/v1/theatre/sales/sale_0"],
      ["GET", "/v1/theatre/sales/sale_0/stream"],
      ["POST", "/v1/theatre/sales/sale_0/stop"],
    ] as const) {
      expect(await service.call(method, path), path).toMatchObject(problem(404, "sale_not_found"))
    }
  })
})

test("where it is turned off, each of its routes says which setting turns it on", async () => {
  service = await createTestService()
  for (const [method, path] of [
    ["GET", "/v1/theatre"],
    ["POST", "/v1/theatre/sales"],
    ["GET", "/v1/theatre/sales/sale_0"],
    ["GET", "/v1/theatre/sales/sale_0/stream"],
    ["POST", "/v1/theatre/sales/sale_0/stop"],
  ] as const) {
    const answer = await service.call(method, path, method === "POST" ? { body: { nothing: "right" } } : {})
    expect(answer, path).toMatchObject(problem(404, "not_found"))
    expect(answer.body.detail).toContain("EARMARK_THEATRE=1")
  }
})

describe("a stream", () => {
  let listening: ListeningService
  const listen = async () => {
    listening = await startListening({ plays: true })
    service = listening
  }
  const watch = (id: string) => TestEventSource.open(`${listening.listensOn}/v1/theatre/sales/${id}/stream`)

  test("tells the sale some ten times a second, and ends with what came of it", async () => {
    await listen()
    const { body } = await start({ units: 100, buyers: 1000, strategy: "row-lock" })
    const source = await watch(body.id)
    expect(source.response.headers).toMatchObject({
      "content-type": expect.stringContaining("text/event-stream"),
      "cache-control": "no-store",
    })
    expect(await source.ended).toBe("ended")
    const told = source.events.map(({ type, data }) => [type, data] as const)
    for (const [type, data] of told)
      expect([type, saleSchema.strict().safeParse(data).success]).toEqual(["sale", true])
    const final = source.events.at(-1)?.data
    expect(final).toMatchObject({ state: "finished", asked: 1000, reserved: 100, oversold: 0 })
    expect(final).toEqual((await service.call("GET", `/v1/theatre/sales/${body.id}`)).body)
    const asked = source.events.map(({ data }) => data.asked)
    expect(asked).toEqual(asked.toSorted((a, b) => a - b))
    const { createdAt, endedAt } = final
    const tenths = (Date.parse(endedAt) - Date.parse(createdAt)) / 100
    expect(told.length).toBeGreaterThan(tenths / 4)
    expect(told.length).toBeLessThan(tenths + 5)
  })

  test("that begins late is told everything at once", async () => {
    await listen()
    const { body } = await start(BODY)
    await untilOver(`/v1/theatre/sales/${body.id}`)
    const source = await watch(body.id)
    expect(await source.ended).toBe("ended")
    expect(source.events.map(({ data }) => data.state)).toEqual(["finished"])
  })

  test("and its sale end when the service does, in the middle", async () => {
    await listen()
    const { body } = await start(LONG)
    const source = await watch(body.id)
    await source.until(({ events }) => events.some(({ data }) => data.reserved > 0))
    const beganMs = performance.now()
    await service.close()
    expect(performance.now() - beganMs).toBeLessThan(8_000)
    expect(await source.ended).toBe("ended")
    const last = source.events.at(-1)
    expect(last?.type === "problem" ? last.data.code : last?.data.stoppedBy).toMatch(
      /^(unavailable|shutdown)$/,
    )
    service = await createTestService()
  })
})
