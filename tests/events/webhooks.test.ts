/** Endpoints are told of everything that they want to hear of, in the order of each item, whatever they do. */
import { randomUUID } from "node:crypto"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ATTEMPTS_MAX } from "../../src/events/webhooks/retry-schedule.ts"
import { receiver, verified, WebhookLab } from "../support/webhook-lab.ts"

let lab: WebhookLab
beforeEach(async () => {
  lab = await WebhookLab.open()
})
afterEach(() => lab.close())

const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id)

test("each event once, in the order of its item, and signed so that another's package accepts it", async () => {
  const [mine, mugs, confirmed] = [await receiver(), await receiver(), await receiver()]
  const { secret, webhook } = await lab.add({ url: mine.url })
  await lab.add({ url: mugs.url, skus: ["MUG"] })
  await lab.add({ url: confirmed.url, types: ["reservation.confirmed"] })
  await lab.sell("MUG", "CUP", "MUG", "MUG", "CUP")
  await lab.until([lab.worker()], () => mine.requests.length >= 5 && mugs.requests.length >= 3)
  const told = await lab.told()
  expect(idsOf(mine.events()).sort()).toEqual([...told].sort())
  expect(idsOf(mugs.events())).toEqual([told[0], told[2], told[3]])
  expect(confirmed.requests).toEqual([])
  for (const request of mine.requests) {
    expect(verified(secret, request)).toMatchObject({ specversion: "1.0", type: "reservation.held" })
    const { id } = JSON.parse(request.body)
    expect(request.headers).toMatchObject({
      "webhook-id": `${webhook.id}_${id}`,
      "content-type": "application/cloudevents+json",
    })
  }
  expect(lab.failures).toEqual([])
})

test("begins where the feed was when it was made", async () => {
  const endpoint = await receiver()
  await lab.sell("MUG")
  await lab.add({ url: endpoint.url })
  await lab.sell("MUG")
  await lab.until([lab.worker()], () => endpoint.requests.length > 0)
  expect(idsOf(endpoint.events())).toEqual((await lab.told()).slice(1))
})

test("while a secret is replaced both are signed with, and afterwards the new one alone", async () => {
  const endpoint = await receiver()
  const { secret: first, webhook } = await lab.add({ url: endpoint.url })
  const worker = lab.worker()
  const next = async () => {
    const before = endpoint.requests.length
    await lab.sell("MUG")
    await lab.until([worker], () => endpoint.requests.length > before)
    const request = endpoint.requests.at(-1)
    if (!request) throw new Error("nothing came")
    return request
  }
  verified(first, await next())
  const second = (await lab.webhooks.rotateSecret(webhook.id, 3600))?.secret ?? ""
  const both = await next()
  expect([verified(first, both), verified(second, both)]).toHaveLength(2)
  await lab.t.pool.query(
    "update earmark.webhooks set revision = revision + 1, secrets = jsonb_set(secrets, '{1,valid_until_ms}', '1')",
  )
  const after = await next()
  verified(second, after)
  expect(() => verified(first, after)).toThrow()
  const third = (await lab.webhooks.rotateSecret(webhook.id, 0))?.secret ?? ""
  const last = await next()
  verified(third, last)
  expect(() => verified(second, last)).toThrow()
})

test("an event that is refused delays its own item and no other, and then goes on in order", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  await lab.sell("MUG", "CUP", "MUG", "CUP", "MUG")
  const told = await lab.told()
  let isMended = false
  endpoint.answer = ({ body }) => (JSON.parse(body).id === told[0] && !isMended ? 500 : 200)
  const worker = lab.worker()
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 3)
  expect(idsOf(endpoint.events()).sort()).toEqual([told[0], told[1], told[3]].sort())
  isMended = true
  await lab.letPausesEnd()
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 0)
  const mugs = [told[0], told[0], told[2], told[4]]
  expect(idsOf(endpoint.events()).filter((id) => mugs.includes(id))).toEqual(mugs)
  expect(lab.failures).toEqual([])
})

test("what failed is tried again by itself when its pause has passed", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  endpoint.answer = () => (endpoint.requests.length === 1 ? 500 : 200)
  await lab.sell("MUG", "MUG")
  const worker = lab.worker()
  // Five seconds; what waits is read again only after thirty.
  await lab.until([worker], async () => endpoint.requests.length === 3, 20_000)
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 0)
  const [first, second] = await lab.told()
  expect(idsOf(endpoint.events())).toEqual([first, first, second])
})

test("what is being sent is not sent a second time because something else has changed", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  const held = Promise.withResolvers<number>()
  endpoint.answer = ({ body }) => (JSON.parse(body).subject === "MUG/LAX" ? held.promise : 200)
  await lab.t.engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 1 })
  const worker = lab.worker()
  await lab.until([worker], () => endpoint.requests.length === 1)
  await lab.webhooks.rotateSecret(webhook.id, 60)
  await lab.sell("CUP")
  await lab.until([worker], () => endpoint.requests.length === 2)
  await lab.webhooks.rotateSecret(webhook.id, 60)
  await lab.sell("CUP")
  await lab.until([worker], () => endpoint.requests.length === 3)
  held.resolve(200)
  // What waits is read again only after thirty seconds.
  await lab.sell("MUG")
  await lab.until([worker], () => endpoint.requests.length === 4, 20_000)
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 0)
  expect(idsOf(endpoint.events())).toEqual(await lab.told())
})

test("an endpoint that is dead, or never answers, delays no other", async () => {
  const [dead, silent, well] = [await receiver(), await receiver(), await receiver()]
  dead.answer = () => 503
  silent.answer = () => null
  for (const { url } of [dead, silent, well]) await lab.add({ url })
  await lab.sell(...Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "MUG" : "CUP")))
  await lab.until([lab.worker({ timeoutMs: 2000 })], () => well.requests.length === 20)
  expect(new Set(idsOf(well.events()))).toEqual(new Set(await lab.told()))
})

test("attempts are kept, over a day, until it is a dead letter, which is replayed when somebody asks", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  endpoint.answer = () => 500
  await lab.sell("MUG")
  const worker = lab.worker()
  const pauses: number[] = []
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    await lab.letPausesEnd()
    await lab.until([worker], async () => (await attemptsOf(webhook.id)) === attempt)
    const { rows } = await lab.t.pool.query(
      "select extract(epoch from next_attempt_at - clock_timestamp()) as pause from earmark.webhook_deliveries",
    )
    pauses.push(Number(rows[0].pause))
  }
  expect(endpoint.requests).toHaveLength(ATTEMPTS_MAX)
  expect(new Set(endpoint.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1)
  const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3600
  expect(hours).toBeGreaterThan(23)
  expect(hours).toBeLessThan(25)
  const [letter] = await lab.sinks.deadEvents({ sink: `webhook:${webhook.id}` })
  expect(letter).toMatchObject({
    event: { id: (await lab.told())[0] },
    reason: "11 attempts failed; the last one: it answered 500",
  })
  const [delivery] = (await lab.webhooks.deliveries(webhook.id, {}))?.data ?? []
  expect(delivery).toMatchObject({ state: "failed", attempts: ATTEMPTS_MAX, nextAttemptAt: null })
  const detail = await lab.webhooks.delivery(webhook.id, delivery?.id ?? 0)
  expect(detail?.log.map(({ number, status }) => [number, status])).toEqual(
    Array.from({ length: ATTEMPTS_MAX }, (_, index) => [index + 1, 500]),
  )

  endpoint.answer = () => 200
  await lab.letPausesEnd()
  expect(await lab.sinks.askAgain({ sink: `webhook:${webhook.id}` })).toBe(1)
  await lab.until([worker], () => endpoint.requests.length === ATTEMPTS_MAX + 1)
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 0)
  expect(await lab.sinks.deadEvents({})).toEqual([])
  expect(await lab.webhooks.delivery(webhook.id, delivery?.id ?? 0)).toMatchObject({ state: "delivered" })
})

async function attemptsOf(id: string): Promise<number> {
  return (await lab.webhooks.deliveries(id, {}))?.data[0]?.attempts ?? 0
}

test("410 disables; nothing is lost until it is enabled", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  endpoint.answer = () => 410
  await lab.sell("MUG")
  const worker = lab.worker()
  const isDisabled = async () => (await lab.webhooks.get(webhook.id))?.disabled !== null
  await lab.until([worker], isDisabled)
  expect(await lab.webhooks.get(webhook.id)).toMatchObject({ disabled: { reason: "gone" }, waiting: 1 })
  await lab.sell("MUG", "CUP")
  await worker.pass()
  await worker.pass()
  expect(endpoint.requests).toHaveLength(1)
  endpoint.answer = () => 200
  await lab.webhooks.change(webhook.id, { disabled: false })
  await lab.until([worker], () => endpoint.requests.length === 4)
  expect(new Set(idsOf(endpoint.events()))).toEqual(new Set(await lab.told()))
})

test("after five failures in a row it is left alone, and a probe finds it well again", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  endpoint.answer = () => 500
  for (let item = 0; item < 20; item += 1) {
    const sku = `S${item}`
    await lab.t.engine.putItem({ sku, name: sku })
    await lab.t.engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" })
  }
  const worker = lab.worker()
  await lab.until([worker], async () => (await circuitOf(webhook.id)) === "open")
  // Those that were under way when it opened may come after the fifth.
  const attempted = endpoint.requests.length
  expect(attempted).toBeGreaterThanOrEqual(5)
  expect(attempted).toBeLessThanOrEqual(8)
  for (let pass = 0; pass < 5; pass += 1) await worker.pass()
  expect(endpoint.requests).toHaveLength(attempted)
  const untouched = (await lab.webhooks.deliveries(webhook.id, {}))?.data.filter(
    ({ attempts }) => attempts === 0,
  )
  // Waiting for the circuit uses up no attempt.
  expect(untouched?.length).toBeGreaterThan(10)
  endpoint.answer = () => 200
  await lab.letPausesEnd()
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) === 0)
  expect(await circuitOf(webhook.id)).toBe("closed")
  expect(new Set(idsOf(endpoint.events()))).toEqual(new Set(await lab.told()))
})

async function circuitOf(id: string): Promise<string | undefined> {
  return (await lab.webhooks.get(id))?.circuit.state
}

test("while a thousand wait, the rest stays in the feed; then all of it comes", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  endpoint.answer = () => 500
  await Promise.all(Array.from({ length: 2100 }, () => lab.sell("MUG")))
  const worker = lab.worker()
  await lab.until([worker], async () => (await lab.waiting(webhook.id)) >= 1000)
  for (let pass = 0; pass < 10; pass += 1) await worker.pass()
  expect(await lab.waiting(webhook.id)).toBeLessThan(2000)
  endpoint.answer = () => 200
  await lab.letPausesEnd()
  await lab.until([worker], () => endpoint.requests.length >= 2101)
  const told = await lab.told()
  expect([...new Set(idsOf(endpoint.events()))]).toEqual(told)
  expect(told).toHaveLength(2100)
})

test("two workers at once, while many write: each event once, in order", async () => {
  const [one, other] = [await receiver(), await receiver()]
  const added = [await lab.add({ url: one.url }), await lab.add({ url: other.url })]
  const workers = [lab.worker(), lab.worker()]
  const selling = Promise.all(Array.from({ length: 10 }, () => lab.sell(...Array<string>(20).fill("MUG"))))
  const isAll = async () => one.requests.length >= 200 && other.requests.length >= 200
  await lab.until(workers, isAll)
  await selling
  for (const { webhook } of added) await lab.until(workers, async () => (await lab.waiting(webhook.id)) === 0)
  const told = await lab.told()
  expect(idsOf(one.events())).toEqual(told)
  expect(idsOf(other.events())).toEqual(told)
  expect(lab.failures).toEqual([])
})

test("another worker takes over at once from one that stops", async () => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  const [first, second] = [lab.worker(), lab.worker()]
  await lab.sell("MUG")
  await lab.until([first], () => endpoint.requests.length === 1)
  await lab.sell("MUG")
  await second.pass()
  expect(endpoint.requests).toHaveLength(1)
  expect(await lab.store.claim(randomUUID(), [webhook.id])).toEqual([])
  await first.stop()
  await lab.until([second], () => endpoint.requests.length === 2)
  expect(idsOf(endpoint.events())).toEqual(await lab.told())
})

test("a name that leads elsewhere by the next attempt is refused there, and nothing is sent", async () => {
  const endpoint = await receiver()
  let address = "127.0.0.1"
  const resolve = async () => [{ address, family: 4 }]
  const { webhook } = await lab.add({ url: `http://shop.test:${endpoint.port}/in` })
  const worker = lab.worker({ resolve })
  endpoint.answer = () => 500
  await lab.sell("MUG")
  await lab.until([worker], async () => (await attemptsOf(webhook.id)) === 1)
  address = "169.254.169.254"
  endpoint.answer = () => 200
  await worker.stop()
  await lab.letPausesEnd()
  const another = lab.worker({ resolve })
  await lab.until([another], async () => (await attemptsOf(webhook.id)) === 2)
  expect(endpoint.requests).toHaveLength(1)
  const [delivery] = (await lab.webhooks.deliveries(webhook.id, {}))?.data ?? []
  const detail = await lab.webhooks.delivery(webhook.id, delivery?.id ?? 0)
  expect(detail?.log[1]).toMatchObject({
    outcome: "refused_address",
    status: null,
    reason: "shop.test does not lead to a public address",
  })
})
