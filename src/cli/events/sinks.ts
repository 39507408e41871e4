/** What an operator asks of the sinks: how they are, what they refused, and to begin again. */
import { StartError } from "../../core/errors.ts"
import type { EventFeed } from "../../engine/event-feed.ts"
import { readSinkStatus } from "../../engine/sink-status.ts"
import type { SinkStore } from "../../engine/sink-store.ts"
import { UsageError } from "../command.ts"
import { table } from "../table.ts"
import { placeOf } from "./tail.ts"

export interface Result {
  readonly json: object
  /** For standard output; null when there is nothing to show. */
  readonly text: string | null
  /** For people. */
  readonly said?: string
}

interface Parts {
  readonly feed: EventFeed
  readonly sinks: SinkStore
}

export async function showSinks({ feed, sinks }: Parts): Promise<Result> {
  const found = await readSinkStatus(sinks, feed)
  if (found.length === 0) {
    return { json: { sinks: [] }, text: null, said: "no events are handed on: nothing is configured" }
  }
  const rows = found.map(({ name, lagSeconds, deadEvents, failure }) => [
    name,
    `${lagSeconds.toFixed(1)} s`,
    String(deadEvents),
    failure === null ? "" : `${failure.reason} (${failure.times} times since ${failure.since.toISOString()})`,
  ])
  return { json: { sinks: found }, text: table(["sink", "lag", "dead", "failing"], rows) }
}

export async function showDead({ sinks }: Parts, sink: string | undefined): Promise<Result> {
  const dead = await sinks.deadEvents({ sink })
  if (dead.length === 0) return { json: { dead: [] }, text: null, said: "no event was refused" }
  const rows = dead.map((one) => [
    String(one.id),
    one.sink,
    one.event.type,
    one.event.subject,
    one.refusedAt.toISOString(),
    one.reason,
  ])
  return { json: { dead }, text: table(["id", "sink", "type", "subject", "refused", "reason"], rows) }
}

/** One that is configured no more: nothing is handed on to it, and its lag would be told for ever. */
export async function forget({ sinks }: Parts, sink: string | undefined): Promise<Result> {
  if (sink === undefined) throw new UsageError("forget needs --sink, the one that is used no more")
  if (!(await sinks.forget(sink))) {
    const known = (await sinks.list()).some(({ name }) => name === sink)
    if (!known) throw await unknownSink(sinks, sink)
    throw new StartError(
      sink.startsWith("webhook:")
        ? `${sink} goes with its webhook: earmark webhooks remove ${sink.slice("webhook:".length)}`
        : `${sink} is in use: stop the workers that hand events on to it, and wait for 15 seconds`,
    )
  }
  return {
    json: { sink },
    text: null,
    said: `${sink} is forgotten; a worker that has it configured begins with the oldest`,
  }
}

async function unknownSink(sinks: SinkStore, sink: string): Promise<StartError> {
  const names = (await sinks.list()).map(({ name }) => name)
  return new StartError(`there is no sink ${sink}; there are: ${names.join(", ") || "none"}`)
}

export interface Replay {
  readonly sink: string | undefined
  readonly from: string | undefined
  /** Of dead events. */
  readonly ids: readonly string[]
}

export async function replay(parts: Parts, { sink, from, ids }: Replay): Promise<Result> {
  if (from === undefined) return replayDead(parts, { sink, ids: ids.map(parseId) })
  if (sink === undefined) throw new UsageError("--from needs --sink, the one that begins again")
  if (ids.length > 0) throw new UsageError("--from begins again with all events; it takes no ids")
  return beginAgain(parts, sink, await placeOf(from, parts.feed))
}

async function replayDead(
  { sinks }: Parts,
  { sink, ids }: { readonly sink: string | undefined; readonly ids: readonly number[] },
): Promise<Result> {
  const asked = await sinks.askAgain({ sink, ids: ids.length === 0 ? undefined : ids })
  return { json: { asked }, text: null, said: `${asked} events that were refused will be handed on again` }
}

async function beginAgain({ feed, sinks }: Parts, sink: string, cursor: string): Promise<Result> {
  // Now, rather than in the relay's log.
  await feed.page({ after: cursor, limit: 1 })
  if (!(await sinks.reset(sink, cursor))) throw await unknownSink(sinks, sink)
  return { json: { sink, cursor }, text: null, said: `${sink} begins again, within some seconds` }
}

function parseId(text: string): number {
  const id = Number(text)
  if (Number.isSafeInteger(id) && id > 0) return id
  throw new UsageError(`${text}: expected the id of a dead event, such as 17`)
}
