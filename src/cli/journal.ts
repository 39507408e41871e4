import { readConfig } from "../config/read-config.ts"
import { EarmarkError, StartError } from "../core/errors.ts"
import type { JournalBalances, JournalView } from "../core/journal-view.ts"
import type { ReservationJournal, StockJournalPage, StockJournalRequest } from "../engine/journal.ts"
import { SILENT_OBSERVER, type Store } from "../engine/ports.ts"
import { createStore } from "../postgres/store.ts"
import { parseStockJournalRequest } from "../protocol/journal.ts"
import {
  type CliContext,
  type CommandDefinition,
  type CommandOptions,
  EXIT_OK,
  UsageError,
} from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"

interface Options extends CommandOptions {
  readonly location?: string
  readonly limit?: string
  readonly since?: string
  readonly until?: string
  readonly reservation?: string
}

export const journalCommand: CommandDefinition<Options> = {
  name: "journal",
  summary: "show who changed an item's stock, or a reservation, and why",
  description:
    "Shows who changed the stock of an item, when and why, newest first, with the balances before and after where they differ. " +
    "With --reservation it shows what happened to one, from its beginning.",
  json: "print { data, isComplete, ... } as GET /v1/stock/{sku}/journal does",
  options: [
    { flags: "--location <code>", description: "only this location" },
    { flags: "--limit <changes>", description: "no more than so many, 1 to 200 (default: 50)" },
    { flags: "--since <moment>", description: "only what happened then or later" },
    { flags: "--until <moment>", description: "only what happened before" },
    { flags: "--reservation <id>", description: "what happened to this reservation" },
  ],
  operands: { name: "sku", description: "the item; none with --reservation" },
  examples: [
    { line: "earmark journal MUG --location LAX --limit 1", meaning: "who sold the last one?" },
    { line: "earmark journal MUG --since 2026-07-01T12:00:00Z", meaning: "what happened since noon" },
    { line: "earmark journal --reservation rsv_0197...", meaning: "what became of it" },
  ],
  run(context, options, operands) {
    const ask = questionOf(options, operands)
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const store = createStore({ pool, schema: config.schema, observer: SILENT_OBSERVER })
      const journal = await ask(store)
      if (options.json) context.print(JSON.stringify(journal, null, 2))
      else show(context, journal)
      return EXIT_OK
    })
  },
}

type Journal = StockJournalPage | ReservationJournal

/** @throws UsageError */
function questionOf(options: Options, operands: readonly string[]): (store: Store) => Promise<Journal> {
  const { reservation, location, limit, since, until } = options
  if (reservation !== undefined) {
    if ((operands.length > 0 || location) ?? limit ?? since ?? until) {
      throw new UsageError("--reservation stands alone: it shows all of one reservation")
    }
    return (store) => ofReservation(store, reservation)
  }
  const [sku, ...more] = operands
  if (sku === undefined || more.length > 0) throw new UsageError("expected one SKU, or --reservation ID")
  const request = parsed({
    sku,
    location,
    limit: limit === undefined ? undefined : Number(limit),
    since: since === undefined ? undefined : new Date(since),
    until: until === undefined ? undefined : new Date(until),
  })
  return (store) => ofStock(store, request)
}

function parsed(request: object): StockJournalRequest {
  try {
    return parseStockJournalRequest(request)
  } catch (error) {
    if (!(error instanceof EarmarkError)) throw error
    throw new UsageError(error.message)
  }
}

async function ofStock(store: Store, request: StockJournalRequest): Promise<StockJournalPage> {
  const journal = await store.stockJournal(request)
  if (journal.outcome === "item_not_found") throw new StartError(`there is no item ${journal.sku}`)
  if (journal.outcome === "location_not_found") {
    throw new StartError(`there is no location ${journal.location}`)
  }
  return journal
}

async function ofReservation(store: Store, id: string): Promise<ReservationJournal> {
  const journal = await store.reservationJournal(id)
  if (journal === null) throw new StartError(`there is no reservation ${id}, or not any more`)
  return journal
}

function show(context: CliContext, journal: Journal): void {
  const { data, isComplete } = journal
  if (data.length === 0) context.say("nothing has happened")
  else context.print(table(HEAD, data.map(toRow)))
  if ("nextCursor" in journal && journal.nextCursor !== null)
    context.say("there is more: ask for more with --limit, or by time")
  if ("keptSince" in journal && journal.keptSince !== null) {
    context.say(`retention has dropped what was written before ${journal.keptSince.toISOString()}`)
  } else if (!isComplete) context.say("it may have been extended more often than is shown")
}

const HEAD = [
  "at",
  "item",
  "location",
  "version",
  "what",
  "who",
  "on hand",
  "held",
  "safety",
  "available",
  "reservation",
  "why",
]

function toRow(change: JournalView): string[] {
  const { before, after, reason, reference, expiresAt, reservationId } = change
  const balance = (member: keyof JournalBalances) =>
    before[member] === after[member] ? String(after[member]) : `${before[member]} > ${after[member]}`
  const until = expiresAt === null ? null : `until ${expiresAt.toISOString()}`
  return [
    change.occurredAt.toISOString(),
    change.sku,
    change.location,
    String(change.version),
    change.kind,
    change.actor ?? "",
    balance("onHand"),
    balance("held"),
    balance("safetyStock"),
    balance("available"),
    reservationId ?? "",
    [reason, reference, until].filter((text) => text !== null && text !== "").join(", "),
  ]
}
