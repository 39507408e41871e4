/** The loops that tidy, beside the API or in a worker of their own. Nothing is wrong while none runs. */
import type { Logger } from "pino"
import { EarmarkError } from "../core/errors.ts"
import { keepPeriods } from "../postgres/periods/keep-periods.ts"
import { startExpiryLoop } from "../worker/expire.ts"
import { startLoop } from "../worker/loop.ts"
import type { Backend, ServiceContext } from "./service.ts"

/** Periods take days; an hour late is early. */
const PERIODS_INTERVAL_MS = 3_600_000

/** Runs them in this process, unless the settings say that they run elsewhere; returns their names. */
export function openLoops(service: ServiceContext, backend: Backend): readonly string[] {
  if (service.config.sweepIntervalMs === 0) return []
  openExpiryLoop(service, backend)
  openPeriodLoop(service, backend)
  return ["expire", "periods"]
}

function openExpiryLoop({ config, logger, lifetime }: ServiceContext, { engine }: Backend): void {
  const failures = tellOncePerOutage(logger, "recording expired holds")
  const sweep = async (limit?: number) => {
    const ended = await engine.sweep(limit)
    failures.over()
    return ended
  }
  const loop = startExpiryLoop({ sweep }, { intervalMs: config.sweepIntervalMs, onFailure: failures.add })
  lifetime.onClose(() => loop.stop())
}

function openPeriodLoop({ config, logger, lifetime }: ServiceContext, { pool }: Backend): void {
  const { schema, periodDays } = config
  const retentionDays = config.retentionDays === 0 ? null : config.retentionDays
  const failures = tellOncePerOutage(logger, "keeping the periods")
  const pass = async () => {
    for (const { step, period } of await keepPeriods(pool, { schema, periodDays, retentionDays })) {
      logger.info({ period }, `period ${step}`)
    }
    failures.over()
    return false
  }
  const loop = startLoop({ pass, intervalMs: PERIODS_INTERVAL_MS, onFailure: failures.add })
  lifetime.onClose(() => loop.stop())
}

/** A database that is away or not migrated fails pass after pass for one reason: the log should say it once. */
function tellOncePerOutage(logger: Logger, what: string) {
  let told: string | undefined
  return {
    add(error: unknown) {
      const reason = error instanceof EarmarkError ? `${error.code} ${error.message}` : String(error)
      const level = reason === told ? "debug" : "warn"
      told = reason
      // A stack tells something only when nobody expected the error.
      const expected = error instanceof EarmarkError && error.code !== "internal"
      const why = expected ? { code: error.code, detail: error.message } : { err: error }
      logger[level](why, `${what} failed; going on`)
    },
    over() {
      if (told !== undefined) logger.info(`${what} works again`)
      told = undefined
    },
  }
}
