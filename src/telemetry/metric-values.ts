/** What a registry has counted, as numbers. */
import type { Registry } from "prom-client"

type Labels = Readonly<Record<string, string | number>>

interface MetricValue {
  readonly metricName?: string
  readonly labels: Labels
  readonly value: number
}

export interface Distribution {
  /** How many were within each bound and not within the one before; the last one: beyond all. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** @throws when nobody has registered such a metric */
export async function valuesOf(register: Registry, name: string): Promise<readonly MetricValue[]> {
  const metric = register.getSingleMetric(name)
  if (!metric) throw new Error(`there is no metric ${name}`)
  const { values } = await metric.get()
  return values as readonly MetricValue[]
}

/** Of what may have labels or not: all of it together. */
export async function totalOf(register: Registry, name: string): Promise<number> {
  return totalled(await valuesOf(register, name))
}

/** By the values of one label. */
export async function totalsBy(
  register: Registry,
  name: string,
  label: string,
): Promise<Record<string, number>> {
  const values = await valuesOf(register, name)
  return Object.fromEntries(groupBy(values, label).map(([key, group]) => [key, totalled(group)]))
}

export function groupBy(
  values: readonly MetricValue[],
  label: string,
): readonly (readonly [string, readonly MetricValue[]])[] {
  return [...Map.groupBy(values, ({ labels }) => String(labels[label] ?? ""))]
}

export function totalled(values: readonly MetricValue[]): number {
  return values.reduce((sum, { value }) => sum + value, 0)
}

/** The values of a histogram, of any number of series, as one distribution over its bounds. */
export function distributionOf(values: readonly MetricValue[], bounds: readonly number[]): Distribution {
  const buckets = values.filter(({ metricName = "" }) => metricName.endsWith("_bucket"))
  const within = (le: number | string) => totalled(buckets.filter(({ labels }) => labels["le"] === le))
  const upTo = [...bounds, "+Inf"].map(within)
  return {
    counts: upTo.map((count, index) => count - (upTo[index - 1] ?? 0)),
    sum: totalled(values.filter(({ metricName = "" }) => metricName.endsWith("_sum"))),
  }
}
