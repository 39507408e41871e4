import type { EarmarkEvent } from "../../core/events/event.ts"
import type { DeadEvent, SinkStep, SinkStore, StoredSink } from "../../engine/sink-store.ts"
import type { Page, PageRequest } from "../../engine/views.ts"
import type { Database } from "../database.ts"
import { read, write } from "../query.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "../reads/cursor.ts"
import { milliseconds } from "../rows.ts"
import { arrayOf, defineStatement } from "../statement.ts"

type Row = Record<string, unknown>

/** A relay that is not heard of for so long is taken for dead. */
const CLAIM_SECONDS = 15
const DEAD_EVENTS_LIMIT = 200

const openSink = defineStatement<[name: string, cursor: string]>(
  "open_sink",
  `insert into earmark.sinks (name, cursor)
   values ($1, $2)
   on conflict (name) do nothing`,
)

const claimSink = defineStatement<[name: string, owner: string]>(
  "claim_sink",
  `update earmark.sinks
   set claimed_by = $2::uuid, claimed_until = clock_timestamp() + interval '${CLAIM_SECONDS} seconds'
   where name = $1
     and (claimed_until is null or claimed_until <= clock_timestamp() or claimed_by = $2::uuid)
   returning cursor`,
)

/**
 * With the dead letters in one statement: either both are there, or none. Who was told to begin elsewhere meanwhile may have
 * renewed the claim since; the place says so.
 */
const moveSink = defineStatement<
  [name: string, owner: string, from: string, cursor: string, events: string[], reasons: string[]]
>(
  "move_sink",
  `with moved as (
     update earmark.sinks
     set cursor = $4, moved_at = clock_timestamp(), failing_since = null, failure = null, failures = 0,
       claimed_until = clock_timestamp() + interval '${CLAIM_SECONDS} seconds'
     where name = $1 and claimed_by = $2::uuid and cursor = $3
     returning name
   ),
   refused as (
     insert into earmark.dead_events (sink, event, reason)
     select m.name, r.event, r.reason
     from moved m
     cross join unnest($5::json[], $6::text[]) as r(event, reason)
   )
   select name from moved`,
)

const noteFailure = defineStatement<[name: string, owner: string, failure: string]>(
  "note_sink_failure",
  `update earmark.sinks
   set failing_since = coalesce(failing_since, clock_timestamp()), failure = $3, failures = failures + 1
   where name = $1 and claimed_by = $2::uuid`,
)

const releaseSink = defineStatement<[name: string, owner: string]>(
  "release_sink",
  `update earmark.sinks
   set claimed_until = null
   where name = $1 and claimed_by = $2::uuid`,
)

const readSinks = defineStatement<[]>(
  "read_sinks",
  `select s.name, s.cursor, ${milliseconds("s.moved_at")} as moved_at_ms,
     ${milliseconds("s.failing_since")} as failing_since_ms, s.failure, s.failures,
     (select count(*) from earmark.dead_events d where d.sink = s.name) as dead_events,
     exists (
       select from earmark.webhooks w where w.id = substr(s.name, length('webhook:') + 1) and w.disabled_at is not null
     ) as disabled
   from earmark.sinks s
   order by s.name`,
)

const resetSink = defineStatement<[name: string, cursor: string]>(
  "reset_sink",
  `update earmark.sinks
   set cursor = $2, claimed_by = null, claimed_until = null, failing_since = null, failure = null, failures = 0
   where name = $1
   returning name`,
)

/** Not while a relay has it, which would go on, and not that of a webhook, which goes with its webhook. */
const forgetSink = defineStatement<[name: string]>(
  "forget_sink",
  `with forgotten as (
     delete from earmark.sinks
     where name = $1 and name not like 'webhook:%' and (claimed_until is null or claimed_until <= clock_timestamp())
     returning name
   ),
   dropped as (
     delete from earmark.dead_events d
     where d.sink in (select name from forgotten)
   )
   select name from forgotten`,
)

const sinkExists = defineStatement<[name: string]>(
  "sink_exists",
  "select s.name from earmark.sinks s where s.name = $1",
)

const DEAD_COLUMNS = `d.id, d.sink, d.event::text as event, d.reason, ${milliseconds("d.refused_at")} as refused_at_ms`

const readDeadEvents = defineStatement<[sink: string | null, ids: string | null, limit: number]>(
  "read_dead_events",
  `select ${DEAD_COLUMNS}
   from earmark.dead_events d
   where ($1::text is null or d.sink = $1) and ($2::bigint[] is null or d.id = any($2::bigint[]))
   order by d.id
   limit $3::int`,
)

const readDeadPage = defineStatement<[sink: string, after: number, limit: number]>(
  "read_dead_page",
  `select ${DEAD_COLUMNS}
   from earmark.dead_events d
   where d.sink = $1 and d.id > $2::bigint
   order by d.id
   limit $3::int`,
)

const askDeadEvents = defineStatement<[sink: string | null, ids: string | null]>(
  "ask_dead_events_again",
  `update earmark.dead_events d
   set asked_at = clock_timestamp()
   where ($1::text is null or d.sink = $1) and ($2::bigint[] is null or d.id = any($2::bigint[]))
   returning d.id`,
)

const readAsked = defineStatement<[sink: string, limit: number]>(
  "read_dead_events_asked_again",
  `select ${DEAD_COLUMNS}
   from earmark.dead_events d
   where d.sink = $1 and d.asked_at is not null
   order by d.id
   limit $2::int`,
)

const settleDeadEvents = defineStatement<[ids: string, refusedIds: string, reasons: string[]]>(
  "settle_dead_events",
  `with kept as (
     update earmark.dead_events d
     set asked_at = null, reason = r.reason, refused_at = clock_timestamp()
     from unnest($2::bigint[], $3::text[]) as r(id, reason)
     where d.id = r.id
   )
   delete from earmark.dead_events d
   where d.id = any($1::bigint[]) and d.id <> all($2::bigint[])`,
)

export function createSinkStore(database: Database): SinkStore {
  const { schema } = database
  return {
    async open(name, cursor) {
      await write(database, openSink(schema, name, cursor))
    },
    async claim(name, owner) {
      const [row] = await write(database, claimSink(schema, name, owner))
      return row ? String(row["cursor"]) : null
    },
    move: (name, owner, step) => move(database, { name, owner }, step),
    async failed(name, owner, failure) {
      await write(database, noteFailure(schema, name, owner, failure))
    },
    async release(name, owner) {
      await write(database, releaseSink(schema, name, owner))
    },
    async list() {
      return (await read(database, readSinks(schema))).map(toSink)
    },
    async reset(name, cursor) {
      return (await write(database, resetSink(schema, name, cursor))).length > 0
    },
    async forget(name) {
      return (await write(database, forgetSink(schema, name))).length > 0
    },
    async deadEvents({ sink, ids, limit = DEAD_EVENTS_LIMIT }) {
      const statement = readDeadEvents(schema, sink ?? null, ids ? arrayOf(ids) : null, limit)
      return (await read(database, statement)).map(toDeadEvent)
    },
    async exists(name) {
      return (await read(database, sinkExists(schema, name))).length > 0
    },
    deadPage: (sink, request) => deadPage(database, sink, request),
    async askAgain({ sink, ids }) {
      return (await write(database, askDeadEvents(schema, sink ?? null, ids ? arrayOf(ids) : null))).length
    },
    async askedAgain(name, limit) {
      return (await read(database, readAsked(schema, name, limit))).map(toDeadEvent)
    },
    async settle(dead, refused) {
      const reasonOf = new Map(refused.map(({ event, reason }) => [event, reason]))
      const kept = dead.filter(({ event }) => reasonOf.has(event))
      await write(
        database,
        settleDeadEvents(
          schema,
          arrayOf(dead.map(({ id }) => id)),
          arrayOf(kept.map(({ id }) => id)),
          kept.map(({ event }) => reasonOf.get(event) ?? ""),
        ),
      )
    },
  }
}

const DEAD_LIST = "dead-letters"

async function deadPage(database: Database, sink: string, request: PageRequest): Promise<Page<DeadEvent>> {
  const limit = limitOf(request)
  const after = decodeCursor(DEAD_LIST, request.cursor, (key) => Number.isSafeInteger(Number(key)))
  const rows = await read(database, readDeadPage(database.schema, sink, Number(after ?? 0), limit + 1))
  return pageOf(rows.map(toDeadEvent), limit, ({ id }) => encodeCursor(DEAD_LIST, String(id)))
}

async function move(
  database: Database,
  { name, owner }: { readonly name: string; readonly owner: string },
  { from, cursor, refused }: SinkStep,
): Promise<boolean> {
  const events = refused.map(({ event }) => JSON.stringify(event))
  const reasons = refused.map(({ reason }) => reason)
  const statement = moveSink(database.schema, name, owner, from, cursor, events, reasons)
  return (await write(database, statement)).length > 0
}

function toSink(row: Row): StoredSink {
  return {
    name: String(row["name"]),
    cursor: String(row["cursor"]),
    movedAt: new Date(Number(row["moved_at_ms"])),
    deadEvents: Number(row["dead_events"]),
    isDisabled: row["disabled"] === true,
    failure:
      row["failing_since_ms"] === null
        ? null
        : {
            reason: String(row["failure"]),
            since: new Date(Number(row["failing_since_ms"])),
            times: Number(row["failures"]),
          },
  }
}

function toDeadEvent(row: Row): DeadEvent {
  return {
    id: Number(row["id"]),
    sink: String(row["sink"]),
    event: JSON.parse(String(row["event"])) as EarmarkEvent,
    reason: String(row["reason"]),
    refusedAt: new Date(Number(row["refused_at_ms"])),
  }
}
