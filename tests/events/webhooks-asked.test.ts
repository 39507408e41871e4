/** What those who look after webhooks ask of the worker that delivers: tests, redelivery, changes, an end. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { readSinkStatus } from "../../src/engine/sink-status.ts"
import { receiver, WebhookLab } from "../support/webhook-lab.ts"

let lab: WebhookLab
beforeEach(async () => {
  lab = await WebhookLab.open()
})
afterEach(() => lab.close())

const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id)

async function attemptsOf(id: string): Promise<number> {
  return (await lab.webhooks.deliveries(id, {}))?.data[0]?.attempts ?? 0
}

test("an operator's disabling stops it, and enabling goes on where it was", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  const worker = lab.worker()
  await lab.sell("MUG")
  await lab.until([worker], () => endpoint.requests.length === 1)
  await lab.webhooks.change(webhook.id, { disabled: true })
  await worker.pass()
  await lab.sell("MUG")
  await worker.pass()
  // Else it would look for ever as if somebody had to look after it.
  const lag = async () => (await readSinkStatus(lab.sinks, lab.feed))[0]?.lagSeconds
  expect(await lag()).toBe(0)
  await lab.webhooks.change(webhook.id, { disabled: false })
  expect(await lag()).toBeGreaterThan(0)
  await lab.until([worker], () => endpoint.requests.length === 2)
  expect(idsOf(endpoint.events())).toEqual(await lab.told())
})

test("a test is sent beside everything else, once, also while the circuit is open", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  endpoint.answer = ({ body }) => (JSON.parse(body).type === "webhook.test" ? 200 : 500)
  await lab.t.pool.query(
    `update earmark.webhooks set circuit_state = 'open', circuit_failures = 5, circuit_openings = 1,
       circuit_until = clock_timestamp() + interval '1 hour'`,
  )
  await lab.sell("MUG")
  const worker = lab.worker()
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 1)
  expect(endpoint.requests).toEqual([])
  const test = await lab.webhooks.test(webhook.id)
  await lab.until([worker], () => endpoint.requests.length > 0)
  expect(endpoint.events()[0]).toMatchObject({
    type: "webhook.test",
    id: test?.event.id,
    data: { webhook: webhook.id },
  })
  endpoint.answer = () => 500
  const failing = await lab.webhooks.test(webhook.id)
  const detail = () => lab.webhooks.delivery(webhook.id, failing?.id ?? 0)
  await lab.until([worker], async () => (await detail())?.state === "failed")
  expect(await detail()).toMatchObject({ attempts: 1, log: [{ status: 500 }] })
  expect(await lab.sinks.deadEvents({})).toEqual([])
})

test("what was delivered or is waiting is sent again when somebody asks", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  const worker = lab.worker()
  await lab.sell("MUG")
  await lab.until([worker], async () => (await attemptsOf(webhook.id)) === 1)
  const [delivery] = (await lab.webhooks.deliveries(webhook.id, { state: "delivered" }))?.data ?? []
  const id = delivery?.id ?? 0
  expect(await lab.webhooks.redeliver(webhook.id, id)).toMatchObject({ id, state: "waiting", attempts: 1 })
  await lab.until([worker], () => endpoint.requests.length === 2)
  expect(new Set(endpoint.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1)
  endpoint.answer = () => 500
  await lab.sell("MUG")
  await lab.until([worker], async () => (await attemptsOf(webhook.id)) === 1)
  const [waiting] = (await lab.webhooks.deliveries(webhook.id, { state: "waiting" }))?.data ?? []
  endpoint.answer = () => 200
  await lab.webhooks.redeliver(webhook.id, waiting?.id ?? 0)
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 0)
  expect(await lab.webhooks.redeliver(webhook.id, 4711)).toBe(null)
  expect(await lab.webhooks.redeliver("whk_unknown", id)).toBe(null)
})

test("another url, or other wishes, count from the next event on; what was deleted is told of nothing", async () => {
  const [former, next] = [await receiver(), await receiver()]
  const { webhook } = await lab.add({ url: former.url })
  const worker = lab.worker()
  await lab.sell("MUG")
  await lab.until([worker], async () => (await attemptsOf(webhook.id)) === 1)
  await lab.webhooks.change(webhook.id, { url: next.url, skus: ["CUP"] })
  await lab.sell("MUG", "CUP")
  await lab.until([worker], () => next.requests.length === 1)
  expect(next.events()[0]?.id).toBe((await lab.told())[2])
  expect(await lab.webhooks.remove(webhook.id)).toBe(true)
  await worker.pass()
  await lab.sell("CUP")
  await worker.pass()
  expect([former.requests.length, next.requests.length]).toEqual([1, 1])
  expect(await lab.sinks.list()).toEqual([])
  const { rows } = await lab.t.pool.query("select from earmark.webhook_deliveries")
  expect(rows).toEqual([])
})

test("of what is settled, what is old is dropped, and what waits is kept", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  const worker = lab.worker()
  await lab.sell("MUG", "MUG", "CUP")
  await lab.until(
    [worker],
    async () => (await lab.waiting(webhook.id)) === 0 && endpoint.requests.length === 3,
  )
  await lab.t.pool.query(
    `update earmark.webhook_deliveries set settled_at = settled_at - interval '4 days'
     where id = (select min(id) from earmark.webhook_deliveries)`,
  )
  endpoint.answer = () => 500
  await lab.sell("MUG")
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 1)
  expect(await worker.prune()).toBe(true)
  expect(await worker.prune()).toBe(false)
  expect((await lab.webhooks.deliveries(webhook.id, {}))?.data).toHaveLength(3)
})
