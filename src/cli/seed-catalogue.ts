import type { Engine } from "../engine/engine.ts"
import { type Catalogue, DEMO_CATALOGUE } from "./demo-catalogue.ts"

export interface SeedReport {
  readonly locations: number
  readonly items: number
  /** The stock levels that were empty and are filled now. */
  readonly filled: readonly { readonly sku: string; readonly location: string; readonly units: number }[]
}

type SeedEngine = Pick<Engine, "putItem" | "putLocation" | "availability" | "adjust" | "items" | "locations">

/** Fills a database that has neither an item nor a location with the demo catalogue. */
export async function seedWhenEmpty(engine: SeedEngine, say: (text: string) => void): Promise<void> {
  const [items, locations] = await Promise.all([engine.items({ limit: 1 }), engine.locations({ limit: 1 })])
  if (items.data.length > 0 || locations.data.length > 0) return
  const report = await seedCatalogue(engine, DEMO_CATALOGUE)
  say(
    `filled the empty database with the demo catalogue: ${report.items} items at ${report.locations} locations`,
  )
}

/** Puts the catalogue in place, and stock where a level has none. Doing it again changes nothing. */
export async function seedCatalogue(engine: SeedEngine, catalogue: Catalogue): Promise<SeedReport> {
  for (const location of catalogue.locations) await engine.putLocation(location)
  const filled: { sku: string; location: string; units: number }[] = []
  for (const { stock, ...item } of catalogue.items) {
    await engine.putItem(item)
    for (const [location, units] of Object.entries(stock)) {
      if (await fill(engine, { sku: item.sku, location, units }))
        filled.push({ sku: item.sku, location, units })
    }
  }
  return { locations: catalogue.locations.length, items: catalogue.items.length, filled }
}

async function fill(
  engine: SeedEngine,
  { sku, location, units }: { sku: string; location: string; units: number },
): Promise<boolean> {
  const levels = (await engine.availability(sku))?.locations ?? []
  const level = levels.find((candidate) => candidate.location === location)
  if (level !== undefined && level.onHand > 0) return false
  // Two that fill at once have seen the same version, so they come with the same key and one of them adds the units.
  const idempotencyKey = `demo-catalogue/${sku}/${location}/${level?.version ?? 0}`
  const answer = await engine.adjust({ sku, location, delta: units, reason: "received", idempotencyKey })
  if (answer.outcome === "adjusted") return true
  if (answer.outcome === "replayed") return false
  throw new Error(`cannot fill ${sku} at ${location}: ${answer.outcome}`)
}

export function describeSeed({ items, locations, filled }: SeedReport): string {
  const levels = filled.map(({ sku, location, units }) => `  ${units} ${sku} at ${location}`)
  const put = `put ${items} items and ${locations} locations`
  return levels.length === 0 ? `${put}; every level has stock` : [`${put}; received`, ...levels].join("\n")
}
