/** Earmark as it ships: its own command line, in processes of its own. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { StrategyName } from "../../index.ts"
import type { MeasuredServer } from "../server.ts"
import { environmentWith } from "./environment.ts"
import { type ListeningProcess, startListening } from "./listening-process.ts"
import { programPath } from "./program-path.ts"

const run = promisify(execFile)

/** A schema of its own, migrated and served. */
export async function startService(
  server: MeasuredServer,
  strategy: StrategyName,
): Promise<ListeningProcess> {
  const schema = server.freshSchema()
  const settings = {
    DATABASE_URL: server.url,
    EARMARK_SCHEMA: schema,
    EARMARK_STRATEGY: strategy,
    // No hold may run out while its round is counted, or while later ones are.
    EARMARK_HOLD_TTL_SECONDS: "86400",
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "info",
    // Then it looks whether whoever started it is still there, as it does under npm.
    npm_lifecycle_event: "bench",
  }
  const path = programPath("../../cli/main")
  await run(process.execPath, [path, "migrate"], { env: environmentWith(settings) })
  const service = await startListening({ path, words: ["serve"], settings })
  return {
    ...service,
    async stop() {
      await service.stop()
      await server.dropSchema(schema)
    },
  }
}
