import type { RequestedLine } from "./model.ts"

/**
 * Adds up lines of the same sku and location (or both without one) and puts them in a fixed order, so that two
 * requests that mean the same have the same lines.
 */
export function addUpLines(lines: readonly RequestedLine[]): RequestedLine[] {
  const sums = new Map<string, RequestedLine>()
  for (const line of lines) {
    const name = lineName(line)
    const earlier = sums.get(name)
    sums.set(name, earlier ? { ...earlier, quantity: earlier.quantity + line.quantity } : line)
  }
  if (sums.size === 1) return [...sums.values()]
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
}

/** A sku and a location have no spaces, so the name is unambiguous; it sorts by sku, then location. */
function lineName(line: RequestedLine): string {
  return `${line.sku} ${line.location ?? ""}`
}
