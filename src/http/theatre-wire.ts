/** Sales of the theatre as the wire carries them. */
import { SALE_BUYERS_MAX, SALE_UNITS_MAX } from "../core/sales.ts"
import type { SaleFiguresView, SaleView, Theatre } from "../engine/theatre.ts"
import type { WireSale, WireTheatre } from "../protocol/theatre.ts"

export function theatreToWire(theatre: Theatre): WireTheatre {
  const current = theatre.current()
  return {
    strategies: [...theatre.strategies],
    limits: { unitsMax: SALE_UNITS_MAX, buyersMax: SALE_BUYERS_MAX },
    current: current && saleToWire(current),
  }
}

export function saleToWire(view: SaleView): WireSale {
  const { books, figures, createdAt, startedAt, endedAt, ...same } = view
  return {
    ...same,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    ...figuresToWire(figures),
    books: books && { ...books, brokenLaws: books.brokenLaws && [...books.brokenLaws] },
  }
}

function figuresToWire({ latency, series, ...figures }: SaleFiguresView) {
  return {
    ...figures,
    elapsedMs: rounded(figures.elapsedMs),
    perSecond: rounded(figures.perSecond),
    latency: latency && {
      p50Ms: rounded(latency.p50Ms),
      p95Ms: rounded(latency.p95Ms),
      p99Ms: rounded(latency.p99Ms),
      maxMs: rounded(latency.maxMs),
    },
    series: {
      stepMs: series.stepMs,
      reserved: [...series.reserved],
      refused: [...series.refused],
      failed: [...series.failed],
      maxMs: series.maxMs.map(rounded),
    },
  }
}

/** To a hundredth: more digits would only be sent. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
