import { readConfig } from "../config/read-config.ts"
import { EarmarkError, StartError } from "../core/errors.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import type { HotItemView } from "../engine/views.ts"
import { createStore } from "../postgres/store.ts"
import { parseHotItem } from "../protocol/hot-items.ts"
import { type CliContext, type CommandDefinition, EXIT_OK, UsageError } from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"

export const hotCommand: CommandDefinition = {
  name: "hot",
  summary: "show or set which items Redis grants from memory",
  description:
    "Shows the items that are hot, and what of them is Redis' now. SKU=UNITS sets an item hot, with so many units of " +
    "each of its stock levels ready in Redis; SKU=0 cools it down, which takes every unit back. Takes effect within " +
    "seconds where services and workers run the strategy redis.",
  json: "print { items } as JSON",
  operands: { name: "sku=units", description: "what to set; without any, nothing is changed" },
  examples: [
    { line: "earmark hot", meaning: "a line for each stock level" },
    { line: "earmark hot DROP-1=5000 DROP-2=500", meaning: "before a sale" },
    { line: "earmark hot DROP-1=0", meaning: "afterwards" },
  ],
  run(context, { json = false }, operands) {
    const wanted = operands.map(parseOperand)
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const store = createStore({ pool, schema: config.schema, observer: SILENT_OBSERVER })
      for (const { sku, target } of wanted) {
        const outcome = await store.setHot(sku, target)
        if (outcome.outcome === "item_not_found") throw new StartError(`there is no item ${sku}`)
      }
      const items = await store.hotItems()
      if (json) context.print(JSON.stringify({ items }, null, 2))
      else show(context, items)
      return EXIT_OK
    })
  },
}

function parseOperand(text: string): { readonly sku: string; readonly target: number } {
  const at = text.lastIndexOf("=")
  if (at < 1) throw new UsageError(`${text}: expected SKU=UNITS, such as DROP-1=5000`)
  try {
    return parseHotItem({ sku: text.slice(0, at), target: Number(text.slice(at + 1)) })
  } catch (error) {
    if (!(error instanceof EarmarkError)) throw error
    throw new UsageError(`${text}: ${error.message}`)
  }
}

function show(context: CliContext, items: readonly HotItemView[]): void {
  if (items.length === 0) {
    context.say("no item is hot: Postgres sells everything")
    return
  }
  const rows = items.flatMap(({ sku, target, locations }) =>
    locations.map(({ location, allotted }) => [sku, location, String(target), String(allotted)]),
  )
  context.print(table(["sku", "location", "target", "allotted"], rows))
}
