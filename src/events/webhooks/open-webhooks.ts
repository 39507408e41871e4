/** The operations on webhooks: what may be their url, what they are signed with, and where they begin. */
import { randomUUID } from "node:crypto"
import { canonicalJson } from "../../core/canonical.ts"
import type { InvalidRequest } from "../../core/commands.ts"
import { createIds } from "../../engine/context.ts"
import { digestOf } from "../../engine/digest.ts"
import type { EventFeed } from "../../engine/event-feed.ts"
import type { WebhookStore } from "../../engine/webhook-store.ts"
import type { AddWebhookOutcome, AddWebhookRequest, Webhooks } from "../../engine/webhooks.ts"
import type { AddressGuard } from "./address-guard.ts"
import { parseEndpointUrl } from "./endpoint-url.ts"
import { generateSecret } from "./sign.ts"

export interface WebhooksParts {
  readonly store: WebhookStore
  readonly feed: Pick<EventFeed, "now">
  readonly guard: AddressGuard
  /** What test events name as where they come from. */
  readonly source: string
}

const WEBHOOK_PREFIX = "whk_"

export function openWebhooks({ store, feed, guard, source }: WebhooksParts): Webhooks {
  const ids = createIds()
  return {
    list: store.list,
    get: ifIssued(store.get, null),
    remove: ifIssued(store.remove, false),
    deliveries: ifIssued(store.deliveries, null),
    delivery: ifIssued(store.delivery, null),
    redeliver: ifIssued(store.redeliver, null),
    async add(request) {
      const invalid = urlRefusal(request.url, guard)
      if (invalid) return invalid
      const known = await knownByKey(store, request)
      if (known) return known
      const secret = generateSecret()
      const id = WEBHOOK_PREFIX + ids.next(0).replaceAll("-", "")
      const { url, types = null, skus = null, description = null } = request
      const place = { cursor: await feed.now(), key: keyOf(request) }
      const made = await store.add({ id, url, types, skus, description, secret, ...place })
      if (made) return { outcome: "made", ...made }
      // A twin was quicker, or there is no room.
      return (await knownByKey(store, request)) ?? TOO_MANY
    },
    async change(id, changes) {
      const invalid = changes.url === undefined ? null : urlRefusal(changes.url, guard)
      if (invalid) return invalid
      const webhook = isIssued(id) ? await store.change(id, changes) : null
      return webhook ? { outcome: "changed", webhook } : { outcome: "webhook_not_found" }
    },
    rotateSecret: ifIssued(async (id, overlapSeconds: number) => {
      const secret = generateSecret()
      const webhook = await store.addSecret(id, secret, overlapSeconds)
      return webhook && { webhook, secret }
    }, null),
    test: ifIssued((id) => {
      const event = testEvent(id, source)
      return store.addTest(id, { id: event.id, json: JSON.stringify(event) })
    }, null),
  }
}

/** Whether it may be the id of a webhook at all: the database is not asked about anything else. */
function isIssued(id: string): boolean {
  return /^whk_[0-9a-f]{32}$/.test(id)
}

function ifIssued<More extends unknown[], Answer>(
  ask: (id: string, ...more: More) => Promise<Answer>,
  otherwise: Answer,
): (id: string, ...more: More) => Promise<Answer> {
  return async (id, ...more) => (isIssued(id) ? await ask(id, ...more) : otherwise)
}

const TOO_MANY: InvalidRequest = {
  outcome: "invalid_request",
  errors: [{ pointer: "", message: "must not be one more: there are as many webhooks as there may be" }],
}

function urlRefusal(url: string, guard: AddressGuard): InvalidRequest | null {
  const parsed = parseEndpointUrl(url, guard)
  if (!("problem" in parsed)) return null
  return { outcome: "invalid_request", errors: [{ pointer: "/url", message: parsed.problem }] }
}

/** Whoever asks again with the key never saw the answer: it is told the secret too. */
async function knownByKey(
  store: WebhookStore,
  request: AddWebhookRequest,
): Promise<AddWebhookOutcome | null> {
  const key = keyOf(request)
  const known = key && (await store.ofKey(key.idempotencyKey))
  if (!known || !key) return null
  const { fingerprint, ...kept } = known
  if (fingerprint !== key.fingerprint) return { outcome: "idempotency_key_reused", key: key.idempotencyKey }
  return { outcome: "replayed", ...kept }
}

function keyOf({ idempotencyKey, url, types, skus, description }: AddWebhookRequest) {
  if (idempotencyKey === undefined) return null
  const meaning = { url, types: types ?? null, skus: skus ?? null, description: description ?? null }
  return { idempotencyKey, fingerprint: digestOf(canonicalJson(JSON.parse(JSON.stringify(meaning)))) }
}

/** No schema is published of it: it never was in the feed. */
function testEvent(webhook: string, source: string) {
  return {
    specversion: "1.0",
    id: `test-${randomUUID()}`,
    source,
    type: "webhook.test",
    subject: webhook,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    data: { webhook },
  }
}
