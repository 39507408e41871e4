/** A worker in a process of its own that kills itself at one step; its plan comes as JSON in its argument. */
import { setTimeout as pause } from "node:timers/promises"
import type { DeliveryStore } from "../../src/engine/delivery-store.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import { addressGuard } from "../../src/events/webhooks/address-guard.ts"
import { openSender, type WebhookSender } from "../../src/events/webhooks/send.ts"
import { WebhookWorker } from "../../src/events/webhooks/webhook-worker.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { createDeliveryStore } from "../../src/postgres/webhooks/delivery-store.ts"
import { openTestPool } from "./database.ts"
import type { DeliveryStep, WebhookWorkerPlan } from "./dying-webhook-worker-process.ts"

const plan = JSON.parse(process.argv[2] ?? "") as WebhookWorkerPlan
const database = { pool: openTestPool(plan.url, 3), schema: "earmark", observer: SILENT_OBSERVER }
const store = createDeliveryStore(database)
const sender = openSender({ guard: addressGuard(["127.0.0.1/32"]), userAgent: "earmark/test" })

let left = plan.spared
const dieAt = (step: DeliveryStep) => {
  if (plan.step !== step) return
  if (left === 0) process.kill(process.pid, "SIGKILL")
  left -= 1
}

const dyingStore: DeliveryStore = {
  ...store,
  async claim(owner, ids) {
    const claimed = await store.claim(owner, ids)
    dieAt("claimed")
    return claimed
  },
  async enqueue(id, owner, events) {
    const enqueued = await store.enqueue(id, owner, events)
    dieAt("owed")
    return enqueued
  },
  async record(id, owner, report) {
    const recording = store.record(id, owner, report)
    dieAt("recording")
    await recording
    dieAt("recorded")
  },
}
const dyingSender: WebhookSender = {
  ...sender,
  async send(endpoint, message) {
    dieAt("sending")
    const result = await sender.send(endpoint, message)
    dieAt("answered")
    return result
  },
}

const worker = new WebhookWorker({
  feed: createEventFeed(createFeedStore(database), "/earmark"),
  sinks: createSinkStore(database),
  store: dyingStore,
  sender: dyingSender,
  observer: { attempted() {}, settled() {}, relayed() {}, failed: (error) => console.error(error) },
})
for (;;) if (!(await worker.pass())) await pause(10)
