import { type Config, readConfig } from "../config/read-config.ts"
import { EarmarkError, StartError } from "../core/errors.ts"
import type { ExplainedLine, Explanation } from "../core/explanation.ts"
import { type ExplainRequest, explain } from "../engine/explain.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { createStore } from "../postgres/store.ts"
import { parseExplainRequest } from "../protocol/reservations.ts"
import { type CliContext, type CommandDefinition, EXIT_FAILED, EXIT_OK, UsageError } from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"

export const explainCommand: CommandDefinition = {
  name: "explain",
  summary: "say why units cannot be reserved, and who has them",
  description:
    "Decides a reserve over what there is now, without reserving or locking anything, and shows what each location has, the ten " +
    "holds there that end first, and from when on there would be enough. Exits with 1 when it would be refused.",
  json: "print { wouldSucceed, asOf, lines } as POST /v1/reservations/explain/holders does",
  operands: { name: "line", description: "what to reserve: SKU=UNITS, or SKU@LOCATION=UNITS" },
  examples: [
    { line: "earmark explain MUG=3", meaning: "why was this refused?" },
    { line: "earmark explain MUG@LAX=2 CUP=1", meaning: "a basket, the mugs from LAX" },
  ],
  run(context, { json = false }, operands) {
    const request = requestOf(operands)
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const store = createStore({ pool, schema: config.schema, observer: SILENT_OBSERVER })
      const answer = await explain(
        { store, strategy: { name: config.strategy }, holds: holdsOf(config) },
        request,
      )
      if (answer.outcome === "item_not_found") throw new StartError(`there is no item ${answer.sku}`)
      if (answer.outcome !== "explained") throw new StartError("there is no such location")
      const { explanation } = answer
      if (json) context.print(JSON.stringify(explanation, null, 2))
      else show(context, explanation)
      return explanation.wouldSucceed ? EXIT_OK : EXIT_FAILED
    })
  },
}

function holdsOf({ ttlSecondsDefault, ttlSecondsMax, lifetimeSecondsMax }: Config) {
  return { ttlSecondsDefault, ttlSecondsMax, lifetimeSecondsMax }
}

/** @throws UsageError */
function requestOf(operands: readonly string[]): ExplainRequest {
  if (operands.length === 0) throw new UsageError("expected SKU=UNITS, such as MUG=3")
  const lines = operands.map((text) => {
    const [, sku, location, units] = /^([^@=]+)(?:@([^@=]+))?=(\d+)$/.exec(text) ?? []
    if (sku === undefined) throw new UsageError(`${text}: expected SKU=UNITS or SKU@LOCATION=UNITS`)
    return { sku, quantity: Number(units), ...(location !== undefined && { location }) }
  })
  try {
    return parseExplainRequest({ lines })
  } catch (error) {
    if (!(error instanceof EarmarkError)) throw error
    throw new UsageError(error.message)
  }
}

function show(context: CliContext, { wouldSucceed, lines }: Explanation): void {
  const tables = [table(LINE_HEAD, lines.map(toLineRow)), table(LEVEL_HEAD, lines.flatMap(toLevelRows))]
  const holders = lines.flatMap(toHolderRows)
  if (holders.length > 0) tables.push(table(HOLDER_HEAD, holders))
  context.print(tables.join("\n\n"))
  context.say(wouldSucceed ? "it would succeed now" : "it would be refused now")
}

const LINE_HEAD = ["item", "from", "requested", "available", "missing", "next expiry", "enough at"]

function toLineRow(line: ExplainedLine): string[] {
  const { nextExpiry, enoughAt } = line
  return [
    line.sku,
    line.location ?? "any",
    String(line.requested),
    String(line.available),
    String(line.missing),
    nextExpiry ? `${nextExpiry.at.toISOString()}: ${nextExpiry.units}` : "none",
    line.missing === 0 ? "now" : (enoughAt?.toISOString() ?? "unknown"),
  ]
}

const LEVEL_HEAD = ["item", "location", "on hand", "held", "safety", "allotted", "available", "holds"]

function toLevelRows({ sku, locations }: ExplainedLine): string[][] {
  return locations.map(({ location, onHand, held, safetyStock, allotted, available, holds }) => [
    sku,
    location,
    ...[onHand, held, safetyStock, allotted, available, holds].map(String),
  ])
}

const HOLDER_HEAD = ["item", "location", "held by", "customer", "units", "until"]

function toHolderRows({ sku, locations }: ExplainedLine): string[][] {
  return locations.flatMap(({ location, holders }) =>
    holders.map(({ reservationId, customerId, quantity, expiresAt }) => [
      sku,
      location,
      reservationId,
      customerId ?? "",
      String(quantity),
      expiresAt.toISOString(),
    ]),
  )
}
