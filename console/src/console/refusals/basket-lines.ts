/** The lines of a basket in the address, as the shop links to it: `?lines=[{"sku":"MUG","quantity":1}]`. */
export interface AskedLine {
  readonly sku: string
  readonly quantity: number
  /** A location's code; without one the service chooses. */
  readonly location?: string
}

/** JSON in an address, and lines as they are in a link of ours; what is no line is left out. */
export function linesIn(raw: Readonly<Record<string, unknown>>): { readonly lines?: readonly AskedLine[] } {
  const lines = typeof raw["lines"] === "string" ? parsed(raw["lines"]) : raw["lines"]
  const asked = Array.isArray(lines) ? lines.flatMap(lineOf) : []
  return asked.length > 0 ? { lines: asked } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function lineOf(raw: unknown): AskedLine[] {
  if (typeof raw !== "object" || raw === null) return []
  const { sku, quantity, location } = raw as Readonly<Record<string, unknown>>
  if (typeof sku !== "string" || typeof quantity !== "number") return []
  return [{ sku, quantity, ...(typeof location === "string" && location !== "" && { location }) }]
}
