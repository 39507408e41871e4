import type pg from "pg"
import { StartError } from "../core/errors.ts"
import { within } from "../engine/within.ts"
import { pendingMigrations } from "../postgres/migrate.ts"

/** A load balancer asks every few seconds and gives up about as fast: an answer has to come well within that. */
const PROBE_MS_MAX = 1000

export interface Readiness {
  readonly ready: boolean
  /** Why not, a short sentence each. */
  readonly reasons: string[]
}

export interface ReadinessOptions {
  /** A pool of its own, so that a busy service does not look like one whose database is away. */
  readonly pool: pg.Pool
  readonly schema: string
  /** Aborted when the process is to stop: then no new work should come. */
  readonly stopping: AbortSignal
}

/** Ready: the database answers in time, it is migrated, and the process is not about to stop. */
export function createReadiness({ pool, schema, stopping }: ReadinessOptions): () => Promise<Readiness> {
  let migrated = false
  const probe = async (): Promise<string[]> => {
    if (migrated) {
      await pool.query("select 1")
      return []
    }
    const pending = await pendingMigrations(pool, { schema })
    // Migrations are never taken back, so this holds from now on.
    migrated = pending.length === 0
    return migrated ? [] : [`${pending.length} migrations are not applied: run "earmark migrate"`]
  }
  // One at a time, however often it is asked: a database that hangs must not gather a queue of questions.
  let asked: Promise<string[]> | null = null
  const ask = () => {
    asked ??= probe().finally(() => {
      asked = null
    })
    return asked
  }
  return async () => {
    if (stopping.aborted) return { ready: false, reasons: ["stopping"] }
    const reasons = await within(PROBE_MS_MAX, ask()).catch((error: unknown) => [
      `the database does not answer: ${error instanceof Error ? error.message : error}`,
    ])
    return { ready: reasons.length === 0, reasons }
  }
}

/** @throws StartError when the schema is not that of this version */
export async function requireMigrated(pool: pg.Pool, { schema }: { readonly schema: string }): Promise<void> {
  const pending = await pendingMigrations(pool, { schema })
  if (pending.length === 0) return
  throw new StartError(`the database lacks ${pending.length} migrations: run "earmark migrate" first`)
}
