/** What the process that makes the load is told, and what it tells. */

export interface LoadOrder {
  readonly url: string
  readonly sku: string
  readonly connections: number
  readonly seconds: number
  /** Null: a closed loop. */
  readonly perSecond: number | null
}

export type LoadReply =
  | {
      readonly answers: number
      readonly seconds: number
      /** A histogram of microseconds, as hdr-histogram-js packs it. */
      readonly latencies: string
      readonly cpuSeconds: number
    }
  | { readonly failure: string }
