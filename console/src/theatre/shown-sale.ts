/** What of a sale is shown: as it runs, and once more slowly when it was over before anybody could look. */
import type { Sale } from "earmark/client"
import { useEffect, useState } from "react"
import { isOver } from "./use-theatre.ts"

/** Long enough to follow with one's eyes. */
const REPLAY_MS = 3_500
/** What took so long was seen as it was. */
const REPLAYED_MS_MAX = 2_500

export interface ShownSale {
  readonly reserved: number
  readonly refused: number
  readonly failed: number
  readonly oversold: number
  readonly elapsedMs: number
  /** How many times slower than it was; 1 when it is shown as it runs or is over. */
  readonly slowness: number
}

/** How far a replay is, from 0 to 1; 1 when there is none. */
export function useReplay(sale: Sale | null): number {
  const id = sale !== null && isReplayed(sale) ? sale.id : null
  const [replay, setReplay] = useState<{ id: string | null; progress: number }>({ id: null, progress: 1 })
  useEffect(() => {
    if (id === null) return
    const startedMs = performance.now()
    let frame = 0
    const step = () => {
      const progress = Math.min(1, (performance.now() - startedMs) / REPLAY_MS)
      setReplay({ id, progress })
      if (progress < 1) frame = requestAnimationFrame(step)
    }
    step()
    return () => cancelAnimationFrame(frame)
  }, [id])
  if (id === null) return 1
  // In the moment in which it is over the end must not be seen before the replay.
  return replay.id === id ? replay.progress : 0
}

function isReplayed(sale: Sale): boolean {
  return (
    isOver(sale) &&
    sale.elapsedMs <= REPLAYED_MS_MAX &&
    !matchMedia("(prefers-reduced-motion: reduce)").matches
  )
}

/** What buyers had been told by then; the end of it is what the books say. */
export function shownAt(sale: Sale, progress: number): ShownSale {
  const { reserved, refused, failed, oversold, elapsedMs } = sale
  if (progress >= 1) return { reserved: promisedBy(sale), refused, failed, oversold, elapsedMs, slowness: 1 }
  const steps = progress * sale.series.reserved.length
  const soFar = (counts: readonly number[]) =>
    Math.round(counts.reduce((sum, count, index) => sum + count * Math.min(1, Math.max(0, steps - index)), 0))
  const told = Math.min(reserved, soFar(sale.series.reserved))
  return {
    reserved: told,
    refused: Math.min(refused, soFar(sale.series.refused)),
    failed: Math.min(failed, soFar(sale.series.failed)),
    oversold: Math.max(0, told - sale.units),
    elapsedMs: progress * elapsedMs,
    slowness: REPLAY_MS / Math.max(elapsedMs, 1),
  }
}

/** What the database has on record outweighs what buyers were told. */
function promisedBy({ books, reserved }: Sale): number {
  return books?.promised ?? reserved
}
