import { readConfig } from "../config/read-config.ts"
import { type EarmarkEvent, EVENT_TYPES, skusOf } from "../core/events/event.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { createEventFeed } from "../events/event-feed.ts"
import { addressGuard } from "../events/webhooks/address-guard.ts"
import type { AttemptResult } from "../events/webhooks/attempt-result.ts"
import { parseEndpointUrl } from "../events/webhooks/endpoint-url.ts"
import { type Endpoint, openSender, type WebhookSender } from "../events/webhooks/send.ts"
import { generateSecret, parseSecret } from "../events/webhooks/sign.ts"
import { createFeedStore } from "../postgres/feed/feed-store.ts"
import type { CommandDefinition, CommandOptions } from "./command.ts"
import { UsageError } from "./command.ts"
import { withPool } from "./database.ts"
import { follow, placeOf } from "./events/tail.ts"
import { requireMigrated } from "./readiness.ts"
import { untilInterrupted } from "./until-interrupted.ts"
import { readVersion } from "./version.ts"
import { words } from "./webhooks.ts"

/** Whoever types the url is at this machine, and may send wherever it may. */
const ANYWHERE = ["0.0.0.0/0", "::/0"]
/** As wide as the longest type. */
const TYPE_WIDTH = 26
const ENDPOINT_ID = "listen"

interface Options extends CommandOptions {
  readonly forwardTo?: string
  readonly types?: readonly string[]
  readonly skus?: readonly string[]
  readonly from?: string
}

export const listenCommand: CommandDefinition<Options> = {
  name: "listen",
  summary: "forward events to a machine of yours, signed as to a webhook",
  description:
    "For developing a receiver: sends every event from now on to the url, one after another, each once, whatever the answer, " +
    "and prints what came of it. The secret to verify with is made anew and printed at the start. Nothing is kept; Ctrl-C " +
    "ends it.",
  json: "print a line { type, subject, id, outcome, status, durationMs } for each event",
  options: [
    { flags: "--forward-to <url>", description: "where to, such as http://localhost:3000/hooks" },
    {
      flags: "--types <types>",
      description: "only events of these types, with commas between",
      parse: words,
    },
    {
      flags: "--skus <skus>",
      description: "only events about these items, with commas between",
      parse: words,
    },
    { flags: "--from <place>", description: "oldest, now, or a cursor (default: now)" },
  ],
  examples: [
    { line: "earmark listen --forward-to http://localhost:3000/hooks", meaning: "what happens from now on" },
    {
      line: "earmark listen --forward-to http://localhost:3000 --from oldest",
      meaning: "all that is kept first",
    },
  ],
  run(context, { json = false, forwardTo, from = "now", ...wishes }) {
    const guard = addressGuard(ANYWHERE)
    const url = parseEndpointUrl(forwardTo ?? "", guard)
    if ("problem" in url) throw new UsageError(`--forward-to ${url.problem}`)
    const unknown = wishes.types?.find((type) => !EVENT_TYPES.some((known) => known === type))
    if (unknown !== undefined) throw new UsageError(`--types ${unknown}: expected ${EVENT_TYPES.join(", ")}`)
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const database = { pool, schema: config.schema, observer: SILENT_OBSERVER }
      const feed = createEventFeed(createFeedStore(database), config.eventSource)
      return untilInterrupted(context, async (lifetime) => {
        const { stopping } = lifetime
        const after = await placeOf(from, feed)
        const secret = generateSecret()
        const sender = openSender({ guard, userAgent: `earmark/${readVersion()}` })
        lifetime.onClose(() => sender.close())
        context.say(`forwarding to ${url.value.href}; the secret to verify with: ${secret}`)
        const endpoint = { id: ENDPOINT_ID, url: url.value.href, secrets: [keyOf(secret)] as const }
        await follow(feed, after, {
          filter: {},
          stopping,
          async onPage({ events }) {
            for (const { event } of events) {
              if (stopping.aborted || !isWanted(event, wishes)) continue
              const result = await forward(sender, endpoint, event)
              context.print(json ? jsonOf(event, result) : lineOf(event, result))
            }
          },
        })
      })
    })
  },
}

function forward(sender: WebhookSender, endpoint: Endpoint, event: EarmarkEvent): Promise<AttemptResult> {
  return sender.send(endpoint, {
    id: `${ENDPOINT_ID}_${event.id}`,
    contentType: "application/cloudevents+json",
    body: JSON.stringify(event),
  })
}

function keyOf(secret: string) {
  const parsed = parseSecret(secret)
  if ("problem" in parsed) throw new Error(parsed.problem)
  return parsed.value
}

function isWanted(event: EarmarkEvent, { types, skus }: Pick<Options, "types" | "skus">): boolean {
  if (types !== undefined && !types.includes(event.type)) return false
  return skus === undefined || skusOf(event).some((sku) => skus.includes(sku))
}

function lineOf({ type, subject }: EarmarkEvent, result: AttemptResult): string {
  const answer = result.status ?? ("detail" in result ? result.detail : result.kind)
  return `${type.padEnd(TYPE_WIDTH)}  ${subject}  ${answer}  ${result.durationMs} ms`
}

function jsonOf({ type, subject, id }: EarmarkEvent, result: AttemptResult): string {
  const { kind: outcome, status, durationMs } = result
  return JSON.stringify({ type, subject, id, outcome, status, durationMs })
}
