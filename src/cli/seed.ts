import { readConfig } from "../config/read-config.ts"
import { type CommandDefinition, EXIT_OK } from "./command.ts"
import { engineOver, withPool } from "./database.ts"
import { DEMO_CATALOGUE } from "./demo-catalogue.ts"
import { requireMigrated } from "./readiness.ts"
import { describeSeed, seedCatalogue } from "./seed-catalogue.ts"

export const seedCommand: CommandDefinition = {
  name: "seed",
  summary: "put the demo catalogue into the database",
  description:
    "Puts the items and locations of the demo catalogue, and stock where a level of it has none. " +
    "Running it again changes nothing; after the last mug was sold, it brings a new one.",
  json: "print { locations, items, filled: [{ sku, location, units }] } as JSON",
  examples: [{ line: "earmark seed", meaning: "three warehouses, six items, one last mug at LAX" }],
  run(context, { json = false }) {
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      // It reserves nothing, so it needs no Redis.
      const { engine } = await engineOver(pool, { ...config, strategy: "batched" })
      try {
        const report = await seedCatalogue(engine, DEMO_CATALOGUE)
        if (json) context.print(JSON.stringify(report, null, 2))
        else context.say(describeSeed(report))
      } finally {
        await engine.close()
      }
      return EXIT_OK
    })
  },
}
