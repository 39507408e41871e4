import type pg from "pg"
import { type Config, readConfig } from "../config/read-config.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { createEventFeed } from "../events/event-feed.ts"
import { createFeedStore } from "../postgres/feed/feed-store.ts"
import { createSinkStore } from "../postgres/sinks/sink-store.ts"
import {
  type CliContext,
  type CommandDefinition,
  type CommandOptions,
  EXIT_OK,
  UsageError,
} from "./command.ts"
import { withPool } from "./database.ts"
import { eventLine } from "./events/event-line.ts"
import { forget, type Result, replay, showDead, showSinks } from "./events/sinks.ts"
import { follow, placeOf, readAll } from "./events/tail.ts"
import { requireMigrated } from "./readiness.ts"
import { untilInterrupted } from "./until-interrupted.ts"

const ACTIONS = ["tail", "sinks", "dead", "replay", "forget"] as const

interface Options extends CommandOptions {
  readonly from?: string
  readonly sku?: string
  readonly reservation?: string
  readonly sink?: string
  /** False with `--no-follow`. */
  readonly follow?: boolean
}

export const eventsCommand: CommandDefinition<Options> = {
  name: "events",
  summary: "follow what happens, and look after the sinks that are told of it",
  description:
    "tail prints every event from now on, or from where --from says, until Ctrl-C. sinks shows how far behind Kafka, the " +
    "Redis stream and each webhook are, and why. dead lists events that a sink refused for good; replay hands those on " +
    "again, all of them, those of a --sink, or those with the ids that are given. replay --sink NAME --from oldest tells one " +
    "sink everything again that is kept; its events have the ids that they had. forget drops the place of a --sink that is " +
    "configured no more, whose lag would be told for ever.",
  json: "print JSON: a line { cursor, event } for each event, or the result",
  options: [
    { flags: "--from <place>", description: "oldest, now, or a cursor" },
    { flags: "--sku <sku>", description: "tail: only what is about this item" },
    { flags: "--reservation <id>", description: "tail: only what is about this reservation" },
    { flags: "--no-follow", description: "tail: end when everything was told; begins with the oldest" },
    { flags: "--sink <name>", description: "dead, replay: only those of this sink; forget: this one" },
  ],
  operands: {
    name: "action",
    description: `one of ${ACTIONS.join(", ")} (default: tail); then ids, for replay`,
  },
  examples: [
    { line: "earmark events", meaning: "what happens from now on" },
    { line: "earmark events tail --sku MUG-1 --no-follow", meaning: "all that is kept about one item" },
    { line: "earmark events sinks", meaning: "who is behind, and why" },
    { line: "earmark events replay --sink kafka", meaning: "when the reason is mended" },
    { line: "earmark events replay --sink kafka --from oldest", meaning: "fill a new topic" },
    { line: "earmark events forget --sink kafka", meaning: "when it is told of nothing any more" },
  ],
  run(context, options, operands) {
    const [action = "tail", ...ids] = operands
    if (ids.length > 0 && action !== "replay") throw new UsageError(`${action} takes no ids`)
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const parts = openParts(pool, config)
      if (action === "tail") return tail(context, parts, options)
      const result = await resultOf(action, parts, { ...options, ids })
      if (result.said) context.say(result.said)
      if (options.json) context.print(JSON.stringify(result.json, null, 2))
      else if (result.text !== null) context.print(result.text)
      return EXIT_OK
    })
  },
}

type Parts = ReturnType<typeof openParts>

function openParts(pool: pg.Pool, { schema, eventSource }: Config) {
  const database = { pool, schema, observer: SILENT_OBSERVER }
  return {
    feed: createEventFeed(createFeedStore(database), eventSource),
    sinks: createSinkStore(database),
  }
}

function resultOf(
  action: string,
  parts: Parts,
  { sink, from, ids }: Options & { readonly ids: readonly string[] },
): Promise<Result> {
  if (action === "sinks") return showSinks(parts)
  if (action === "dead") return showDead(parts, sink)
  if (action === "replay") return replay(parts, { sink, from, ids })
  if (action === "forget") return forget(parts, sink)
  throw new UsageError(`${action}: expected one of ${ACTIONS.join(", ")}`)
}

async function tail(context: CliContext, { feed }: Parts, options: Options) {
  const { json = false, sku, reservation, follow: isFollowing = true } = options
  return untilInterrupted(context, async (lifetime) => {
    const { stopping } = lifetime
    const from = await placeOf(options.from ?? (isFollowing ? "now" : "oldest"), feed)
    const following = {
      filter: { sku, reservationId: reservation },
      stopping,
      onPage: ({ events }: Awaited<ReturnType<typeof feed.page>>) => {
        for (const { event, cursor } of events)
          context.print(json ? JSON.stringify({ cursor: cursor(), event }) : eventLine(event))
      },
    }
    if (isFollowing) await follow(feed, from, following)
    else await readAll(feed, from, following)
    lifetime.requestStop()
  })
}
