import { EarmarkError } from "../core/errors.ts"
import type { StartSaleOutcome, Theatre } from "../engine/theatre.ts"
import { Sale } from "./sale.ts"
import type { Sandbox, Stage } from "./stage.ts"
import { STAGED_STRATEGIES } from "./strategies.ts"

/** Sales that are kept to look at, in memory: enough to compare every strategy. */
const SALES_KEPT = 8
/** For the selling: a page that shows nothing new after that is looked at by nobody. */
const TIME_LIMIT_MS = 30_000

export interface TheatreOptions {
  /** When it is aborted, the sale that runs is stopped. */
  readonly stopping: AbortSignal
  /** 30 s if not given. */
  readonly timeLimitMs?: number | undefined
}

export interface OpenTheatre extends Theatre {
  /** Resolves when nothing runs any more. */
  close(): Promise<void>
}

export function openTheatre<S extends Sandbox>(stage: Stage<S>, options: TheatreOptions): OpenTheatre {
  const { stopping, timeLimitMs = TIME_LIMIT_MS } = options
  /** The newest first. */
  let sales: readonly Sale[] = []
  const find = (id: string) => sales.find((sale) => sale.id === id)
  stopping.addEventListener("abort", () => sales[0]?.stop("shutdown"))

  const begin = async (sale: Sale): Promise<StartSaleOutcome> => {
    const former = sales
    // From now on nobody else begins one, also while it is being asked for.
    sales = [sale, ...former].slice(0, SALES_KEPT)
    const giveUp = () => {
      sales = former
      sale.abandon()
    }
    const sandbox = await stage.claim().catch((error: unknown) => {
      giveUp()
      throw error
    })
    if (sandbox === null) {
      giveUp()
      return { outcome: "sale_running", id: null }
    }
    const { strategy } = sale.view()
    void sale.run({ sandbox, openSeller: () => stage.openSeller(strategy, sandbox), timeLimitMs })
    return { outcome: "started", sale: sale.view() }
  }

  return {
    strategies: STAGED_STRATEGIES,
    current: () => sales[0]?.view() ?? null,
    async start(request) {
      if (stopping.aborted) throw closing()
      const [latest] = sales
      if (latest && !latest.isOver) return { outcome: "sale_running", id: latest.id }
      return begin(new Sale(request))
    },
    sale: (id) => find(id)?.view() ?? null,
    follow: (id, signal) => find(id)?.follow(signal) ?? null,
    async stop(id) {
      const sale = find(id)
      if (!sale) return null
      sale.stop("request")
      await sale.ended
      return sale.view()
    },
    async close() {
      const [latest] = sales
      latest?.stop("shutdown")
      await latest?.ended
    },
  }
}

function closing(): EarmarkError {
  return new EarmarkError("unavailable", "The service is shutting down.", { notApplied: true })
}
