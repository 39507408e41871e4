/** A worker that delivers to webhooks is killed wherever it may be: nothing is missing, and each item's order is kept. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { DELIVERY_STEPS, runWebhookWorker } from "../support/dying-webhook-worker-process.ts"
import { receiver, WebhookLab } from "../support/webhook-lab.ts"

let lab: WebhookLab
beforeEach(async () => {
  lab = await WebhookLab.open()
})
afterEach(() => lab.close())

/** What a worker may have under way, or not have written down, when it dies. */
const AGAIN_MAX = 64

test.each(DELIVERY_STEPS)("killed when it has come to: %s", async (step) => {
  const endpoint = await receiver()
  const { webhook } = await lab.add({ url: endpoint.url })
  await lab.sell("MUG", "CUP", "MUG", "CUP", "MUG", "MUG", "CUP", "MUG")
  // In the midst of them, where it comes once for each.
  const spared = step === "sending" || step === "answered" ? 2 : 0
  expect(await runWebhookWorker({ url: lab.t.url, step, spared })).toBe("SIGKILL")
  await lab.sell("MUG", "CUP")
  await lab.letClaimsEnd()
  const told = await lab.told()
  const isAll = () => new Set(endpoint.events().map(({ id }) => id)).size === told.length
  const worker = lab.worker()
  await lab.until([worker], async () => isAll() && (await lab.waiting(webhook.id)) === 0)
  for (const sku of ["MUG", "CUP"]) {
    const ofItem = (ids: readonly string[]) => ids.filter((id) => skuOf.get(id) === sku)
    const skuOf = new Map(
      endpoint
        .events()
        .map((event) => [event.id, "lines" in event.data ? event.data.lines[0]?.sku : undefined]),
    )
    const received = endpoint.events().map(({ id }) => id)
    expect([...new Set(ofItem(received))]).toEqual(ofItem(told))
  }
  expect(endpoint.requests.length - told.length).toBeLessThanOrEqual(AGAIN_MAX)
  expect(lab.failures).toEqual([])
})
