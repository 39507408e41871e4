/** The client has every operation of the OpenAPI document with every parameter of it, and nothing that is not in there. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { clientOver } from "../../src/client/create-client.ts"
import { type Client, createClient } from "../../src/client/index.ts"
import { createTestService, type TestService } from "../http/service.ts"

interface Described {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: object
}

let service: TestService
let operations: Map<string, { method: string; path: string; described: Described }>
beforeAll(async () => {
  service = await createTestService()
  const { paths } = (await service.call("GET", "/openapi.json")).body
  operations = new Map(
    Object.entries(paths as Record<string, Record<string, Described>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => [
        described.operationId,
        { method: method.toUpperCase(), path, described },
      ]),
    ),
  )
})
afterAll(() => service.close())

const BASKET = { lines: [{ sku: "A", quantity: 1 }] }
const PAGE = { limit: 1, cursor: "c" }
const MOMENT = new Date(0)

/** Of each operation a call with everything that it takes. */
const CALLS: Record<string, readonly ((client: Client) => unknown)[]> = {
  livez: [(client) => client.health.live()],
  readyz: [(client) => client.health.readyInDetail(), (client) => client.health.ready()],
  metrics: [(client) => client.health.metrics()],
  summarizeHolds: [(client) => client.reservations.summarizeHolds()],
  listSinks: [(client) => client.sinks.list()],
  listDeadLetters: [(client) => client.sinks.deadLetters("kafka", PAGE).page()],
  replayDeadLetters: [(client) => client.sinks.replay("kafka", { ids: [1] })],
  listVerifications: [(client) => client.health.verifications({ limit: 1 })],
  readStatistics: [(client) => client.health.statistics()],
  readTime: [(client) => client.clock.now()],
  putItem: [(client) => client.items.put("A", { name: "a" })],
  listItems: [
    (client) => client.items.list({ ...PAGE, q: "a" }).page(),
    (client) => first(client.stock.list({ ...PAGE, q: "a" })),
  ],
  getItem: [(client) => client.items.get("A")],
  getAvailability: [(client) => client.stock.get("A")],
  setHot: [(client) => client.items.setHot("A", { target: 1 })],
  listHotItems: [(client) => client.items.listHot()],
  putLocation: [(client) => client.locations.put("L", { name: "l" })],
  listLocations: [(client) => client.locations.list(PAGE).page()],
  adjustStock: [(client) => client.stock.adjust({ sku: "A", location: "L", delta: 1, reason: "other" })],
  setSafetyStock: [(client) => client.stock.setSafetyStock("A", "L", { safetyStock: 1 })],
  reserve: [(client) => client.reservations.reserve(BASKET)],
  getReservation: [(client) => client.reservations.get("r")],
  listReservations: [
    (client) => client.reservations.list({ ...PAGE, state: "held", customerId: "c", sku: "A" }).page(),
  ],
  confirm: [(client) => client.reservations.confirm("r", { reference: "o" })],
  release: [(client) => client.reservations.release("r", { reason: "o" })],
  extend: [(client) => client.reservations.extend("r", { ttlSeconds: 1 })],
  explain: [(client) => client.reservations.explain(BASKET)],
  explainWithHolders: [(client) => client.reservations.explainWithHolders(BASKET)],
  readReservationJournal: [(client) => client.reservations.journal("r")],
  readStockJournal: [
    (client) =>
      client.stock
        .journal("A", { ...PAGE, location: "L", order: "oldest", since: MOMENT, until: MOMENT })
        .page(),
  ],
  listEvents: [(client) => client.events.page({ limit: 1, after: "c", sku: "A", reservationId: "r" })],
  streamEvents: [(client) => first(client.events.stream({ after: "c", sku: "A", reservationId: "r" }))],
  watchAvailability: [(client) => first(client.stock.follow(["A", "B"]))],
  addWebhook: [(client) => client.webhooks.add({ url: "https://shop.example" })],
  getWebhook: [(client) => client.webhooks.get("w")],
  listWebhooks: [(client) => client.webhooks.list(PAGE).page()],
  changeWebhook: [(client) => client.webhooks.change("w", { disabled: true })],
  removeWebhook: [(client) => client.webhooks.remove("w")],
  rotateWebhookSecret: [(client) => client.webhooks.rotateSecret("w", { overlapSeconds: 1 })],
  testWebhook: [(client) => client.webhooks.test("w")],
  listWebhookDeliveries: [(client) => client.webhooks.deliveries("w", { ...PAGE, state: "failed" }).page()],
  getWebhookDelivery: [(client) => client.webhooks.delivery("w", "d")],
  getTheatre: [(client) => client.theatre.get()],
  startSale: [(client) => client.theatre.start({ units: 1, buyers: 1, strategy: "broken" })],
  getSale: [(client) => client.theatre.sale("s")],
  streamSale: [(client) => first(client.theatre.follow("s"))],
  stopSale: [(client) => client.theatre.stop("s")],
  redeliver: [(client) => client.webhooks.redeliver("w", "d")],
}

function first<Row>(rows: AsyncIterable<Row>): Promise<unknown> {
  return rows[Symbol.asyncIterator]().next()
}

interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: unknown
}

/** The first request that a call makes; nothing is answered. */
async function requestOf(ask: (client: Client) => unknown): Promise<Sent> {
  const sent = Promise.withResolvers<Sent>()
  const fetch = (url: string, { method = "GET", headers, body }: RequestInit) => {
    sent.resolve({ method, url: new URL(url), headers: new Headers(headers), body })
    return Promise.reject(new TypeError("nothing is there"))
  }
  class Socket extends EventTarget {
    constructor(url: string) {
      super()
      sent.resolve({ method: "GET", url: new URL(url), headers: new Headers(), body: null })
      setTimeout(() => this.dispatchEvent(new CloseEvent("close", { code: 1006 })))
    }
    close() {}
  }
  const client = clientOver(
    {
      baseUrl: "http://shop.example",
      retries: 0,
      fetch: fetch as typeof globalThis.fetch,
      webSocket: Socket as unknown as typeof globalThis.WebSocket,
    },
    // What is followed would be tried again for ever.
    { random: Math.random, pause: () => new Promise(() => {}) },
  )
  Promise.resolve(ask(client)).catch(() => {})
  return await sent.promise
}

test("every operation has a call", () => {
  expect(Object.keys(CALLS).toSorted()).toEqual([...operations.keys()].toSorted())
})

test("every call is the operation that it is said to be, with all of its parameters", async () => {
  for (const [id, calls] of Object.entries(CALLS)) {
    const operation = operations.get(id)
    if (!operation) throw new Error(`there is no operation ${id}`)
    const { method, path, described } = operation
    for (const [index, ask] of calls.entries()) {
      const sent = await requestOf(ask)
      expect(sent.method, id).toBe(method)
      expect(sent.url.pathname, id).toMatch(new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`))
      const { parameters = [], requestBody } = described
      const inHeader = parameters.some(({ name }) => name === "Last-Event-ID")
      const inQuery = parameters
        .filter((one) => one.in === "query" && !(inHeader && one.name === "after"))
        .map(({ name }) => name)
      // The first one says all that can be said.
      if (index === 0)
        expect([...new Set(sent.url.searchParams.keys())].toSorted(), id).toEqual(inQuery.toSorted())
      const takesKey = parameters.some(({ name }) => name === "Idempotency-Key")
      if (takesKey) expect(sent.headers.has("idempotency-key"), id).toBe(true)
      // What the query calls `after`, and what outdoes it.
      if (inHeader) expect(sent.headers.get("last-event-id")).toBe("c")
      if (!requestBody) expect(sent.body ?? null, id).toBeNull()
    }
  }
})

test("every write has a key, and nothing else has one", async () => {
  const questions = ["explain", "explainWithHolders"]
  for (const [id, [ask]] of Object.entries(CALLS)) {
    if (!ask) throw new Error(`there is no call of ${id}`)
    const isWrite = operations.get(id)?.method !== "GET" && !questions.includes(id)
    expect((await requestOf(ask)).headers.has("idempotency-key"), id).toBe(isWrite)
  }
})

test("every method of the client belongs to an operation", async () => {
  const named = Object.values(CALLS)
    .flat()
    .map((ask) => /client\s*\.(\w+)\s*\.(\w+)/.exec(String(ask)))
    .map((match) => `${match?.[1]}.${match?.[2]}`)
  const client = createClient({ baseUrl: "http://shop.example" })
  const methods = Object.entries(client).flatMap(([resource, calls]) =>
    Object.keys(calls).map((name) => `${resource}.${name}`),
  )
  expect(methods.toSorted()).toEqual([...new Set(named)].toSorted())
})
