/** The loops that tidy, beside the API or in a worker of their own. Nothing is wrong while none runs. */
import { keepPeriods } from "../postgres/periods/keep-periods.ts"
import { startExpiryLoop } from "../worker/expire.ts"
import { startLoop } from "../worker/loop.ts"
import { tellOncePerOutage } from "./outages.ts"
import { openRedisLoops } from "./redis-loops.ts"
import type { Backend, ServiceContext } from "./service.ts"
import { openSinkLoops } from "./sink-loops.ts"
import { openConfiguredSinks } from "./sinks.ts"
import { openWebhookLoops } from "./webhook-loops.ts"

/** Periods take days; an hour late is early. */
const PERIODS_INTERVAL_MS = 3_600_000

/** Runs them in this process, unless the settings say that they run elsewhere; returns their names. */
export async function openLoops(service: ServiceContext, backend: Backend): Promise<readonly string[]> {
  if (service.config.sweepIntervalMs === 0) return []
  openExpiryLoop(service, backend)
  openPeriodLoop(service, backend)
  const sinks = openSinkLoops(service, backend, await openConfiguredSinks(service.config))
  const webhooks = openWebhookLoops(service, backend)
  return ["expire", "periods", ...openRedisLoops(service, backend), ...sinks, ...webhooks]
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
