/** What is counted while a sale runs: from what buyers were told, and when. */
import type { SaleFiguresView, SaleLatency } from "../engine/theatre.ts"
import { LatencyHistogram } from "../telemetry/latency-histogram.ts"
import { type Answer, SaleSeries } from "./series.ts"

export class SaleFigures {
  readonly #counts: Record<Answer, number> = { reserved: 0, refused: 0, failed: 0 }
  readonly #latency = new LatencyHistogram()
  readonly #series = new SaleSeries()
  #asked = 0
  #beganAtMs: number | null = null
  #endedAtMs: number | null = null

  begin(): void {
    this.#beganAtMs = performance.now()
  }

  end(): void {
    this.#endedAtMs ??= performance.now()
  }

  /** Returns what the answer is to be told to. */
  ask(): (answer: Answer) => void {
    this.#asked += 1
    const askedAtMs = performance.now()
    return (answer) => {
      const nowMs = performance.now()
      this.#counts[answer] += 1
      this.#latency.record(nowMs - askedAtMs)
      this.#series.record(answer, nowMs - (this.#beganAtMs ?? nowMs), nowMs - askedAtMs)
    }
  }

  view(): SaleFiguresView {
    const elapsedMs = this.#elapsedMs()
    return {
      elapsedMs,
      asked: this.#asked,
      ...this.#counts,
      perSecond: elapsedMs === 0 ? 0 : (this.#latency.total / elapsedMs) * 1000,
      latency: this.#latencyView(),
      series: this.#series.view(),
    }
  }

  #elapsedMs(): number {
    if (this.#beganAtMs === null) return 0
    return (this.#endedAtMs ?? performance.now()) - this.#beganAtMs
  }

  #latencyView(): SaleLatency | null {
    if (this.#latency.total === 0) return null
    return {
      p50Ms: this.#latency.percentileMs(50),
      p95Ms: this.#latency.percentileMs(95),
      p99Ms: this.#latency.percentileMs(99),
      maxMs: this.#latency.maxMs,
    }
  }
}
