import { environmentWith } from "./http/environment.ts"
import { type RunningProcess, startUntil } from "./http/listening-process.ts"
import { programPath } from "./http/program-path.ts"

export interface WorkerSettings {
  readonly databaseUrl: string
  readonly schema: string
  /** Beside these, as environment variables. */
  readonly more?: Readonly<Record<string, string>>
}

/** `earmark worker`, as it ships. */
export function startWorkerProcess({
  databaseUrl,
  schema,
  more = {},
}: WorkerSettings): Promise<RunningProcess> {
  const settings = environmentWith({
    DATABASE_URL: databaseUrl,
    EARMARK_SCHEMA: schema,
    LOG_LEVEL: "info",
    // Then it looks whether whoever started it is still there, as it does under npm.
    npm_lifecycle_event: "bench",
    ...more,
  }) as Record<string, string>
  return startUntil({ path: programPath("../../cli/main"), words: ["worker"], settings }, /the loops run/)
}
