/** What can be asked of webhooks on the command line. */
import { StartError } from "../../core/errors.ts"
import type { WebhookView } from "../../engine/webhook-views.ts"
import type { Webhooks } from "../../engine/webhooks.ts"
import { deliveryIdOf, deliveryToWire, webhookToWire, withSecretToWire } from "../../http/webhook-wire.ts"
import { inputErrorDetail, parseInput } from "../../protocol/input-errors.ts"
import { OVERLAP_SECONDS_DEFAULT, webhookBody } from "../../protocol/webhooks.ts"
import { UsageError } from "../command.ts"
import { table } from "../table.ts"

export const ACTIONS = [
  "list",
  "add",
  "remove",
  "test",
  "rotate",
  "enable",
  "disable",
  "deliveries",
  "redeliver",
] as const

/** Of a list; who looks for more asks the API. */
const SHOWN_MAX = 100

export interface Asked {
  /** After the action. */
  readonly words: readonly string[]
  readonly wishes: {
    readonly types: readonly string[] | undefined
    readonly skus: readonly string[] | undefined
    readonly description: string | undefined
  }
}

export interface Result {
  readonly json: object
  /** For standard output. */
  readonly text?: string
  /** For people. */
  readonly said?: string
}

type Action = (webhooks: Webhooks, asked: Asked) => Promise<Result>

/** @throws UsageError when there is no such action */
export function actionOf(name: string): Action {
  const action = ACTIONS.find((known) => known === name)
  if (action === undefined) throw new UsageError(`${name}: expected one of ${ACTIONS.join(", ")}`)
  return RUN[action]
}

const RUN: Record<(typeof ACTIONS)[number], Action> = {
  async list(webhooks, { words }) {
    expectWords(words, [])
    const { data } = await webhooks.list({ limit: SHOWN_MAX })
    const json = { webhooks: data.map(webhookToWire) }
    if (data.length === 0) return { json, said: "there are no webhooks" }
    const rows = data.map((one) => [
      one.id,
      stateOf(one),
      String(one.waiting),
      one.url,
      one.lastFailure?.reason ?? "",
    ])
    return { json, text: table(["id", "state", "waiting", "url", "last failure"], rows) }
  },

  async add(webhooks, { words, wishes }) {
    const [url = ""] = expectWords(words, ["URL"])
    const outcome = await webhooks.add(parseInput(webhookBody, { url, ...wishes }))
    if (outcome.outcome === "invalid_request") throw new UsageError(inputErrorDetail(outcome.errors))
    if (outcome.outcome === "idempotency_key_reused") throw new Error("no key was given")
    const { webhook, secret } = outcome
    const said = "it begins with the next event; the secret is shown only now"
    return { json: withSecretToWire(outcome), text: table(["id", "secret"], [[webhook.id, secret]]), said }
  },

  async remove(webhooks, { words }) {
    const [id = ""] = expectWords(words, ["ID"])
    if (!(await webhooks.remove(id))) throw notFound(id)
    return { json: { removed: id }, said: `${id} is removed` }
  },

  async test(webhooks, { words }) {
    const [id = ""] = expectWords(words, ["ID"])
    const owed = await webhooks.test(id)
    if (owed === null) throw notFound(id)
    return {
      json: deliveryToWire(owed),
      said: `dlv_${owed.id} will be sent: earmark webhooks deliveries ${id}`,
    }
  },

  async rotate(webhooks, { words }) {
    const [id = ""] = expectWords(words, ["ID"])
    const rotated = await webhooks.rotateSecret(id, OVERLAP_SECONDS_DEFAULT)
    if (rotated === null) throw notFound(id)
    const said = "the former secret is good for a day more; the new one is shown only now"
    return { json: withSecretToWire(rotated), text: table(["id", "secret"], [[id, rotated.secret]]), said }
  },

  enable: (webhooks, { words }) => setDisabled(webhooks, words, false),
  disable: (webhooks, { words }) => setDisabled(webhooks, words, true),

  async deliveries(webhooks, { words }) {
    const [id = ""] = expectWords(words, ["ID"])
    const page = await webhooks.deliveries(id, { limit: SHOWN_MAX })
    if (page === null) throw notFound(id)
    const json = { deliveries: page.data.map(deliveryToWire) }
    if (page.data.length === 0) return { json, said: "it is owed nothing, and was sent nothing lately" }
    const rows = page.data.map((one) => [
      `dlv_${one.id}`,
      one.state,
      String(one.attempts),
      one.event.type,
      one.event.subject,
      (one.settledAt ?? one.nextAttemptAt)?.toISOString() ?? "",
    ])
    return { json, text: table(["id", "state", "attempts", "type", "subject", "settled, or due"], rows) }
  },

  async redeliver(webhooks, { words }) {
    const [id = "", delivery = ""] = expectWords(words, ["ID", "DELIVERY"])
    const deliveryId = deliveryIdOf(delivery)
    const owed = deliveryId === null ? null : await webhooks.redeliver(id, deliveryId)
    if (owed === null) throw new StartError(`${id} has no delivery ${delivery}`)
    return { json: deliveryToWire(owed), said: `${delivery} will be sent` }
  },
}

async function setDisabled(webhooks: Webhooks, words: readonly string[], disabled: boolean): Promise<Result> {
  const [id = ""] = expectWords(words, ["ID"])
  const outcome = await webhooks.change(id, { disabled })
  if (outcome.outcome !== "changed") throw notFound(id)
  const said = disabled ? "it is told of nothing until it is enabled" : "it goes on where it was"
  return { json: webhookToWire(outcome.webhook), said }
}

function stateOf({ disabled, circuit }: WebhookView): string {
  if (disabled !== null) return disabled.reason === "gone" ? "disabled (it answered 410)" : "disabled"
  return circuit.state === "closed" ? "enabled" : "failing"
}

function expectWords(words: readonly string[], expected: readonly string[]): readonly string[] {
  if (words.length === expected.length) return words
  throw new UsageError(expected.length === 0 ? "list takes nothing more" : `expected ${expected.join(" ")}`)
}

function notFound(id: string): StartError {
  return new StartError(`there is no webhook ${id}`)
}
