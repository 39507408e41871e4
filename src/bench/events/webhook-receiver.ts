/** A webhook like those that users have: added by the command line, and answered by another process. */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { environmentWith } from "../http/environment.ts"
import { startListening } from "../http/listening-process.ts"
import { programPath } from "../http/program-path.ts"
import { LineFile } from "./line-file.ts"
import type { Receiver, Told } from "./receiver.ts"

const run = promisify(execFile)

export async function startWebhookReceiver({ databaseUrl, schema }: Told): Promise<Receiver> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-bench-webhook-"))
  const file = new LineFile(join(folder, "told"))
  await writeFile(file.path, "")
  const endpoint = await startListening({
    path: programPath("../events/webhook-endpoint"),
    words: [file.path],
  })
  const settings = { EARMARK_WEBHOOK_ALLOW: "127.0.0.0/8" }
  const env = environmentWith({ DATABASE_URL: databaseUrl, EARMARK_SCHEMA: schema, ...settings })
  const words = ["webhooks", "add", endpoint.url.href]
  await run(process.execPath, [...process.execArgv, programPath("../../cli/main"), ...words], { env })
  return {
    settings,
    hearsThePast: false,
    told: () => file.count(),
    read: (from) => file.linesFrom(from),
    async stop() {
      await endpoint.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
