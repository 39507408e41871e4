/** The client against real sales, also over connections that break. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Connection, Sale } from "../../src/client/index.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { rejectionOf, testClient } from "../support/client.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"

let service: ListeningService
beforeEach(async () => {
  service = await startListening({ plays: true })
})
afterEach(() => service.close())

async function collect(sales: AsyncIterable<Sale>, onSale = (_sale: Sale) => {}): Promise<Sale[]> {
  const all: Sale[] = []
  for await (const sale of sales) {
    all.push(sale)
    onSale(sale)
  }
  return all
}

test("a sale is started, followed to its end, and read", async () => {
  const { theatre } = testClient(service.listensOn)
  const { strategies, limits, current } = await theatre.get()
  expect([strategies.length, limits.buyersMax, current]).toEqual([5, 20_000, null])
  const { id } = await theatre.start({ units: 5, buyers: 100, strategy: "optimistic" })
  const told = await collect(theatre.follow(id))
  expect(told.at(-1)).toMatchObject({ state: "finished", reserved: 5, refused: 95, oversold: 0 })
  expect(await theatre.sale(id)).toEqual(told.at(-1))
  expect(await theatre.stop(id)).toEqual(told.at(-1))
})

test("a connection that is cut is made anew, and the sale is told to its end", async () => {
  const proxy = await TcpProxy.forTest(service.port)
  const { theatre } = testClient(proxy.url("http"))
  const { id } = await theatre.start({ units: 1000, buyers: 3000, strategy: "row-lock" })
  const states: string[] = []
  const onConnection = ({ state }: Connection) => states.push(state)
  let told = 0
  const all = await collect(theatre.follow(id, { onConnection }), () => {
    told += 1
    if (told === 3) proxy.cutAnswers()
  })
  expect(all.at(-1)).toMatchObject({ state: "finished", asked: 3000 })
  expect(states).toEqual(["open", "lost", "open"])
})

test("what cannot be followed is thrown, and a signal ends it quietly", async () => {
  const { theatre } = testClient(service.listensOn)
  expect(await rejectionOf(collect(theatre.follow("sale_0")))).toMatchObject({ code: "sale_not_found" })
  const { id } = await theatre.start({ units: 10_000, buyers: 20_000, strategy: "row-lock" })
  const refused = await rejectionOf(theatre.start({ units: 1, buyers: 1, strategy: "broken" }))
  expect(refused).toMatchObject({ code: "sale_running", status: 409 })
  const enough = new AbortController()
  await collect(theatre.follow(id, { signal: enough.signal }), () => enough.abort())
  expect(await theatre.stop(id)).toMatchObject({ stoppedBy: "request" })
})
