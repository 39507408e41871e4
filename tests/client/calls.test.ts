/** What becomes of a call when answers are lost, late, refused or somebody else's: one key, one outcome. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { EarmarkProblem, EarmarkUnanswered, isProblem } from "../../src/client/index.ts"
import { EarmarkError, ERRORS } from "../../src/core/errors.ts"
import type { Engine } from "../../src/index.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { keysOf, problemAnswer, rejectionOf, scripted, testClient } from "../support/client.ts"
import { stock } from "../support/engine.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"

const BASKET = { lines: [{ sku: "MUG", quantity: 1 }] }
/** Thrown by the engine instead of reserving, one after the other. */
const faults: EarmarkError[] = []
let service: ListeningService
beforeAll(async () => {
  service = await startListening({
    wrap: (engine: Engine) => ({
      ...engine,
      async reserve(...request) {
        const fault = faults.shift()
        if (fault) throw fault
        return engine.reserve(...request)
      },
    }),
  })
  await stock(service.engine, "MUG", { BERLIN: 1000 })
})
afterAll(() => service.close())
beforeEach(() => faults.splice(0))

const heldUnits = async () => (await service.engine.availability("MUG"))?.held ?? 0

describe("an answer that is lost after the commit", () => {
  test("is found again by the key that the client made: one reservation", async () => {
    const proxy = await TcpProxy.forTest(service.port)
    const client = testClient(proxy.url("http"))
    const before = await heldUnits()
    proxy.loseNextAnswer()
    const reservation = await client.reservations.reserve(BASKET)
    expect(client.retries).toMatchObject([
      {
        request: "POST /v1/reservations",
        failure: { reason: "unreachable", attempts: 1, notApplied: false },
      },
    ])
    expect(await heldUnits()).toBe(before + 1)
    // It was an earlier request with the key, though of the same call.
    expect(reservation).toEqual({ ...(await client.reservations.get(reservation.id)), replayed: true })
  })

  test("of every other write too: each is carried out as if it had been asked for once", async () => {
    const proxy = await TcpProxy.forTest(service.port)
    const client = testClient(proxy.url("http"))
    const lost = <T>(ask: () => Promise<T>): Promise<T> => {
      proxy.loseNextAnswer()
      return ask()
    }
    const { id, expiresAt } = await client.reservations.reserve(BASKET)
    const extended = await lost(() => client.reservations.extend(id, { ttlSeconds: 900 }))
    expect(Date.parse(extended.expiresAt)).toBeGreaterThan(Date.parse(expiresAt))
    expect(await lost(() => client.reservations.confirm(id, { reference: "o-1" }))).toMatchObject({
      state: "confirmed",
      reference: "o-1",
    })
    const other = await client.reservations.reserve(BASKET)
    expect(await lost(() => client.reservations.release(other.id))).toMatchObject({ state: "released" })
    const { onHand } = await client.stock.get("MUG")
    const adjustment = { sku: "MUG", location: "BERLIN", delta: 5, reason: "received" } as const
    expect(await lost(() => client.stock.adjust(adjustment))).toMatchObject({ onHand: onHand + 5 })
    expect(await client.stock.get("MUG")).toMatchObject({ onHand: onHand + 5 })
    const webhook = await lost(() => client.webhooks.add({ url: "https://shop.example/hooks" }))
    expect((await client.webhooks.list().page()).data.map((one) => one.id)).toEqual([webhook.id])
    // It is gone already when it is asked for again.
    await lost(() => client.webhooks.remove(webhook.id))
    expect((await client.webhooks.list().page()).data).toEqual([])
    expect(client.retries).toHaveLength(6)
  })
})

describe("idempotency keys", () => {
  test("are one for each call, kept over its tries, and in no read", async () => {
    const server = await scripted(problemAnswer(503, "unavailable"), { status: 201, body: {} })
    const client = testClient(server.url)
    await client.reservations.reserve(BASKET)
    await client.reservations.reserve(BASKET)
    await client.reservations.get("rsv_1")
    await client.reservations.explain(BASKET)
    const [first, again, second, ...reads] = keysOf(server.requests)
    expect(first).toMatch(/^"[0-9a-f]{32}"$/)
    expect(again).toBe(first)
    expect(second).not.toBe(first)
    expect(reads).toEqual([undefined, undefined])
  })

  test.each(["cart-7", '"quoted"', "back\\slash", " spaces ", "ключ", "a,b", "🧺", '"'])(
    "of the caller's own arrive as they are: %s",
    async (idempotencyKey) => {
      const client = testClient(service.listensOn)
      const made = await client.reservations.reserve(BASKET, { idempotencyKey })
      const again = await client.reservations.reserve(BASKET, { idempotencyKey })
      expect(again).toEqual({ ...made, replayed: true })
      const outcome = await service.engine.reserve({ ...BASKET, idempotencyKey })
      expect(outcome).toMatchObject({ outcome: "replayed", reservation: { id: made.id } })
    },
  )

  test("are told with a failure, so that the caller can go on", async () => {
    const server = await scripted(null)
    const client = testClient(server.url, { tryTimeoutMs: 300, retries: 1 })
    const failure = await rejectionOf(client.reservations.reserve(BASKET))
    expect(failure).toBeInstanceOf(EarmarkUnanswered)
    const { idempotencyKey } = failure as EarmarkUnanswered
    expect(new Set(keysOf(server.requests))).toEqual(new Set([`"${idempotencyKey}"`]))
    expect(failure).toMatchObject({ reason: "timed_out", attempts: 2, notApplied: false, status: null })
  })
})

describe("a 503", () => {
  test("that changed nothing is asked for again, with growing pauses after what the service asks for", async () => {
    const nothingDone = () => new EarmarkError("unavailable", "No connection.", { notApplied: true })
    faults.push(nothingDone(), nothingDone(), nothingDone())
    const client = testClient(service.listensOn)
    const before = await heldUnits()
    expect(await client.reservations.reserve(BASKET)).toMatchObject({ state: "held" })
    expect(await heldUnits()).toBe(before + 1)
    // A second, as the service says, and half of 200, 400, 800.
    expect(client.pauses).toEqual([1100, 1200, 1400])
    expect(client.retries.map(({ failure }) => failure)).toMatchObject([
      { code: "unavailable", notApplied: true, retryAfterMs: 1000 },
      { attempts: 2 },
      { attempts: 3 },
    ])
  })

  test("whose outcome is unknown is asked for again with the same key", async () => {
    faults.push(new EarmarkError("outcome_unknown", "The database went away."))
    const client = testClient(service.listensOn)
    await client.reservations.reserve(BASKET)
    expect(client.retries).toMatchObject([{ failure: { code: "outcome_unknown", notApplied: false } }])
  })

  test("is thrown when there are no more tries, and says whether any of them may have done something", async () => {
    faults.push(new EarmarkError("outcome_unknown", "The database went away."))
    for (let times = 0; times < 5; times += 1) {
      faults.push(new EarmarkError("unavailable", "No connection.", { notApplied: true }))
    }
    const client = testClient(service.listensOn, { retries: 2 })
    const unsure = await rejectionOf(client.reservations.reserve(BASKET))
    expect(unsure).toMatchObject({ code: "unavailable", attempts: 3, notApplied: false })
    const sure = await rejectionOf(client.reservations.reserve(BASKET, { retries: 0 }))
    expect(sure).toMatchObject({ code: "unavailable", attempts: 1, notApplied: true })
  })

  test("of what would act once more is repeated only when nothing was done", async () => {
    const acts = [
      (client: ReturnType<typeof testClient>) => client.webhooks.rotateSecret("whk_1"),
      (client: ReturnType<typeof testClient>) => client.webhooks.test("whk_1"),
      (client: ReturnType<typeof testClient>) => client.webhooks.redeliver("whk_1", "dlv_1"),
    ]
    for (const act of acts) {
      const sure = await scripted(problemAnswer(503, "unavailable", { outcome: "not-applied" }), {
        status: 202,
        body: {},
      })
      await act(testClient(sure.url))
      expect(sure.requests).toHaveLength(2)
      const unsure = await scripted(problemAnswer(503, "unavailable"))
      expect(await rejectionOf(act(testClient(unsure.url)))).toMatchObject({ attempts: 1, notApplied: false })
      expect(unsure.requests).toHaveLength(1)
      const proxy = await TcpProxy.forTest(sure.port)
      proxy.loseNextAnswer()
      expect(await rejectionOf(act(testClient(proxy.url("http"))))).toMatchObject({ reason: "unreachable" })
      expect(sure.requests).toHaveLength(3)
    }
  })
})

describe("another 4xx", () => {
  const refusals = Object.entries(ERRORS).filter(([, { status }]) => status >= 400 && status < 500)

  test.each(refusals)("is an answer, and never asked for twice: %s", async (code, { status }) => {
    const server = await scripted(problemAnswer(status, code, { "retry-after": "1" }))
    const client = testClient(server.url)
    const error = await rejectionOf(client.reservations.reserve(BASKET))
    expect(error).toBeInstanceOf(EarmarkProblem)
    expect(error).toMatchObject({
      code,
      status,
      title: "A title",
      detail: "A detail.",
      message: "A detail.",
      requestId: "r-1",
      errors: [],
      attempts: 1,
      notApplied: true,
    })
    expect(server.requests).toHaveLength(1)
  })

  test("is narrowed by its code to what it says", async () => {
    const client = testClient(service.listensOn)
    const tooMany = { lines: [{ sku: "MUG", quantity: 9000 }] }
    const error = await rejectionOf(client.reservations.reserve(tooMany))
    if (!isProblem(error, "insufficient_stock")) throw error
    expect(error.shortages).toMatchObject([{ sku: "MUG", requested: 9000 }])
    expect(isProblem(error, "reservation_expired", "item_not_found")).toBe(false)
    expect(isProblem(new Error("insufficient_stock"))).toBe(false)
    const wrong = await rejectionOf(client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 0 }] }))
    if (!isProblem(wrong)) throw wrong
    switch (wrong.code) {
      case "insufficient_stock":
        throw new Error(`${wrong.shortages.length} shortages`)
      case "invalid_request":
        expect(wrong.errors).toEqual([{ pointer: "/lines/0/quantity", message: expect.any(String) }])
        expect(wrong.shortages).toBeNull()
    }
  })
})

describe("Retry-After", () => {
  const later = (seconds: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, seconds)).toUTCString()

  test.each([
    { headers: { "retry-after": "7" }, ms: 7000 },
    { headers: { "retry-after": later(9), date: later(0) }, ms: 9000 },
    { headers: { "retry-after": later(0), date: later(9) }, ms: 0 },
    { headers: { "retry-after": "soon" }, ms: 0 },
  ])("is waited for, and some more by chance: $headers", async ({ headers, ms }) => {
    const server = await scripted({ status: 429, headers }, { status: 201, body: {} })
    const client = testClient(server.url)
    await client.reservations.reserve(BASKET)
    expect(client.pauses).toEqual([ms + 100])
  })

  test("is not waited for when there is no time left for it", async () => {
    const server = await scripted(problemAnswer(503, "unavailable", { "retry-after": "3600" }))
    const client = testClient(server.url)
    const error = await rejectionOf(client.reservations.reserve(BASKET))
    expect(error).toMatchObject({ code: "unavailable", retryAfterMs: 3_600_000, attempts: 1 })
    expect(client.pauses).toEqual([])
  })
})

describe("time", () => {
  test("of a try that is over makes another one", async () => {
    const server = await scripted(null, { status: 201, body: { id: "rsv_1" } })
    const client = testClient(server.url, { tryTimeoutMs: 300 })
    expect(await client.reservations.reserve(BASKET)).toMatchObject({ id: "rsv_1" })
    expect(client.retries[0]).toMatchObject({ failure: { reason: "timed_out" } })
  })

  test("of a whole call ends it, however many tries are left", async () => {
    const server = await scripted(null)
    const client = testClient(server.url, { tryTimeoutMs: 20, timeoutMs: 100, retries: 1_000_000 })
    const error = await rejectionOf(client.reservations.reserve(BASKET))
    expect(error).toMatchObject({ name: "EarmarkUnanswered", reason: "timed_out" })
    const own = await rejectionOf(client.reservations.reserve(BASKET, { timeoutMs: 1 }))
    expect(own).toMatchObject({ reason: "timed_out", attempts: 1 })
  })

  test("also of an answer that breaks off in the middle", async () => {
    const server = await scripted({ status: 200, headers: { "content-length": "100" }, body: "{" })
    const client = testClient(server.url, { tryTimeoutMs: 20, retries: 1 })
    expect(await rejectionOf(client.items.get("MUG"))).toMatchObject({ reason: "timed_out", attempts: 2 })
  })
})

describe("an abort", () => {
  test("before the call sends nothing", async () => {
    const server = await scripted({ status: 200, body: {} })
    const reason = new Error("changed my mind")
    const call = testClient(server.url).items.get("MUG", { signal: AbortSignal.abort(reason) })
    expect(await rejectionOf(call)).toBe(reason)
    expect(server.requests).toEqual([])
  })

  test("during a try ends it with the caller's reason", async () => {
    const server = await scripted(null)
    const leaving = new AbortController()
    const call = testClient(server.url).items.get("MUG", { signal: leaving.signal })
    await expect.poll(() => server.requests.length).toBe(1)
    leaving.abort()
    expect(await rejectionOf(call)).toMatchObject({ name: "AbortError" })
    await expect.poll(() => server.open()).toBe(0)
    expect(server.requests).toHaveLength(1)
  })

  test("during a pause ends that", async () => {
    const server = await scripted(problemAnswer(503, "unavailable"))
    const leaving = new AbortController()
    const client = testClient(server.url, { onRetry: () => leaving.abort("enough") })
    expect(await rejectionOf(client.items.get("MUG", { signal: leaving.signal }))).toBe("enough")
    expect(server.requests).toHaveLength(1)
  })
})

describe("what is not the service", () => {
  test("answers nothing that can be believed", async () => {
    const page = { headers: { "content-type": "text/html" }, body: "<h1>Hello</h1>" }
    const success = await scripted({ status: 200, ...page })
    expect(await rejectionOf(testClient(success.url).reservations.reserve(BASKET))).toMatchObject({
      name: "EarmarkUnanswered",
      reason: "unreadable",
      status: 200,
      attempts: 1,
      notApplied: false,
    })
    const missing = await scripted({ status: 404, ...page })
    expect(await rejectionOf(testClient(missing.url).items.get("MUG"))).toMatchObject({
      reason: "unreadable",
      status: 404,
      attempts: 1,
    })
  })

  test("may be a gateway whose service is on its way", async () => {
    const server = await scripted(
      { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway</h1>" },
      { status: 201, body: { id: "rsv_1" } },
    )
    expect(await testClient(server.url).reservations.reserve(BASKET)).toMatchObject({ id: "rsv_1" })
  })

  test("is not followed elsewhere: a redirect would make a read of a command", async () => {
    const server = await scripted({ status: 301, headers: { location: "/elsewhere" } })
    const client = testClient(server.url, { retries: 1 })
    expect(await rejectionOf(client.reservations.reserve(BASKET))).toMatchObject({ reason: "unreachable" })
    expect(server.requests.map(({ line }) => line)).toEqual([
      "POST /v1/reservations HTTP/1.1",
      "POST /v1/reservations HTTP/1.1",
    ])
  })

  test("may be nothing at all", async () => {
    const server = await scripted(null)
    await server.close()
    const client = testClient(server.url, { retries: 3 })
    const error = await rejectionOf(client.reservations.reserve(BASKET))
    expect(error).toMatchObject({ reason: "unreachable", attempts: 4, cause: expect.any(TypeError) })
    expect(client.pauses).toEqual([100, 200, 400])
  })
})

test("what cannot be sent at all is thrown at once, and is no failure of the service", async () => {
  const server = await scripted({ status: 200, body: {} })
  const client = testClient(server.url)
  const broken = client.items.get("MUG", { headers: { "x-note": "line\nbreak" } })
  expect(await rejectionOf(broken)).toBeInstanceOf(TypeError)
  expect(server.requests).toEqual([])
  expect(() => testClient("ftp://shop.example")).toThrow(TypeError)
  expect(() => testClient("nowhere")).toThrow(TypeError)
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => testClient(server.url, { timeoutMs: wrong })).toThrow(RangeError)
    expect(await rejectionOf(client.items.get("MUG", { retries: wrong }))).toBeInstanceOf(RangeError)
  }
})
