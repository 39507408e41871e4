/**
 * How often something came about, and how long it took: a counter and a histogram that are fed by one call. Those of
 * prom-client look for their series by its labels in every call, each for itself, which was a twentieth of all that is
 * done for a request. Here that is one look into a map, and what Prometheus reads is put together when it asks.
 */
import { Counter, Histogram, type Registry } from "prom-client"

export interface TimingsOptions {
  readonly register: Registry
  readonly counter: Described & { readonly labelNames: readonly [string, string, string] }
  /** May do without some labels of the counter. */
  readonly histogram: Described & { readonly labelNames: readonly string[] }
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[]
}

interface Described {
  readonly name: string
  readonly help: string
}

type Labels = Readonly<Record<string, string>>

interface Series {
  readonly labels: Labels
  count: number
  sum: number
  /** How many are within each bound, and not within the one before. */
  readonly within: number[]
}

/** @returns notes one, given the values of the counter's labels in their order */
export function createTimings({ register, counter, histogram, buckets }: TimingsOptions) {
  const registers = [register]
  const all = new Map<string, Series>()
  new Counter({
    ...counter,
    registers,
    collect() {
      this.reset()
      for (const { labels, count } of all.values()) this.inc(labels, count)
    },
  })
  new CollectedHistogram({ ...histogram, buckets: [...buckets], registers }, () => all.values())
  const [first, second, third] = counter.labelNames
  return (a: string, b: string, c: string, seconds: number): void => {
    const key = `${a} ${b} ${c}`
    let series = all.get(key)
    if (!series) {
      series = emptySeries({ [first]: a, [second]: b, [third]: c }, buckets.length)
      all.set(key, series)
    }
    series.count += 1
    series.sum += seconds
    for (let index = 0; index < buckets.length; index += 1) {
      if (seconds > (buckets[index] ?? 0)) continue
      series.within[index] = (series.within[index] ?? 0) + 1
      break
    }
  }
}

interface HistogramOptions extends Described {
  readonly labelNames: readonly string[]
  readonly buckets: number[]
  readonly registers: Registry[]
}

/** Keeps nothing itself. */
class CollectedHistogram extends Histogram {
  readonly #options: HistogramOptions
  readonly #read: () => Iterable<Series>

  constructor(options: HistogramOptions, read: () => Iterable<Series>) {
    super(options)
    this.#options = options
    this.#read = read
  }

  /** What the registry asks for, and what `get` is made of. */
  async getForPromString() {
    const { name, help, labelNames, buckets } = this.#options
    const values = addUp(this.#read(), labelNames).flatMap(({ labels, count, sum, within }) => {
      let sofar = 0
      const counts = buckets.map((le, index) => {
        sofar += within[index] ?? 0
        return { metricName: `${name}_bucket`, labels: { le }, sharedLabels: labels, value: sofar }
      })
      return [
        ...counts,
        { metricName: `${name}_bucket`, labels: { le: "+Inf" }, sharedLabels: labels, value: count },
        { metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: sum },
        { metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: count },
      ]
    })
    return { name, help, type: "histogram", values, aggregator: "sum" }
  }
}

/** One for each combination of these labels. */
function addUp(all: Iterable<Series>, labelNames: readonly string[]): Series[] {
  const sums = new Map<string, Series>()
  for (const { labels, count, sum, within } of all) {
    const kept = Object.fromEntries(labelNames.map((name) => [name, labels[name] ?? ""]))
    const key = Object.values(kept).join(" ")
    const series = sums.get(key) ?? emptySeries(kept, within.length)
    sums.set(key, series)
    series.count += count
    series.sum += sum
    within.forEach((more, index) => {
      series.within[index] = (series.within[index] ?? 0) + more
    })
  }
  return [...sums.values()]
}

function emptySeries(labels: Labels, buckets: number): Series {
  return { labels, count: 0, sum: 0, within: Array.from({ length: buckets }, () => 0) }
}
