import { describe, expect, test } from "vitest"
import type { StockLevel } from "./model.ts"
import { type Credit, source } from "./sourcing.ts"
import { StockBook } from "./stock-book.ts"

interface Units {
  readonly onHand: number
  readonly held?: number
  readonly safetyStock?: number
}
/** Levels by sku and location; the priorities follow the order in which the locations first appear. */
type Stock = Readonly<Record<string, Readonly<Record<string, number | Units>>>>

function levelsOf(stock: Stock, priorities: Readonly<Record<string, number>> = {}): StockLevel[] {
  const codes = [...new Set(Object.values(stock).flatMap((locations) => Object.keys(locations)))]
  let id = 0
  return Object.entries(stock).flatMap(([sku, locations]) =>
    Object.entries(locations).map(([location, units]) => {
      id += 1
      const { onHand, held = 0, safetyStock = 0 } = typeof units === "number" ? { onHand: units } : units
      const priority = priorities[location] ?? codes.indexOf(location)
      return { id, sku, location, priority, onHand, held, safetyStock, version: 1 }
    }),
  )
}

/** @param asked `MUG 2` or `MUG 2 LAX` */
function linesOf(...asked: string[]) {
  return asked.map((text) => {
    const [sku = "", quantity, location = null] = text.split(" ")
    return { sku, quantity: Number(quantity), location }
  })
}

function sourced(levels: readonly StockLevel[], asked: readonly string[], credit?: Credit) {
  const sourcing = source(new StockBook(levels), linesOf(...asked), credit)
  if ("shortages" in sourcing) return sourcing.shortages
  return sourcing.allocations
    .map(({ level, quantity }) => `${level.sku} ${quantity} ${level.location}`)
    .sort()
}

describe("a line that names its location", () => {
  const levels = levelsOf({ MUG: { JFK: 5, LAX: 5 } })

  test("gets just that, whatever the priority", () => {
    expect(sourced(levels, ["MUG 5 LAX"])).toEqual(["MUG 5 LAX"])
  })

  test("is short when that location has too little, however much there is elsewhere", () => {
    expect(sourced(levels, ["MUG 6 LAX"])).toEqual([
      { sku: "MUG", location: "LAX", requested: 6, available: 5 },
    ])
  })

  test("is short when there is no such level", () => {
    expect(sourced(levels, ["MUG 1 SFO"])).toEqual([
      { sku: "MUG", location: "SFO", requested: 1, available: 0 },
    ])
  })
})

describe("a line from anywhere", () => {
  test("comes from the location with the lowest priority number that can serve all of it", () => {
    const levels = levelsOf({ MUG: { JFK: 2, LAX: 5, SFO: 9 } })
    expect(sourced(levels, ["MUG 2"])).toEqual(["MUG 2 JFK"])
    expect(sourced(levels, ["MUG 3"])).toEqual(["MUG 3 LAX"])
    expect(sourced(levels, ["MUG 6"])).toEqual(["MUG 6 SFO"])
  })

  test("follows the numbers, not the order in which the levels were read; equal ones follow the code", () => {
    const stock = { MUG: { SFO: 5, LAX: 5, JFK: 5 } }
    expect(sourced(levelsOf(stock, { SFO: 3, LAX: 1, JFK: 2 }), ["MUG 1"])).toEqual(["MUG 1 LAX"])
    expect(sourced(levelsOf(stock, { SFO: -1, LAX: 0, JFK: 0 }), ["MUG 1"])).toEqual(["MUG 1 SFO"])
    expect(sourced(levelsOf(stock, { SFO: 1, LAX: 1, JFK: 1 }), ["MUG 1"])).toEqual(["MUG 1 JFK"])
  })

  test("is split, in that order, when no location can serve it alone", () => {
    const levels = levelsOf({ MUG: { JFK: 2, LAX: 0, SFO: 3, SEA: 4 } })
    expect(sourced(levels, ["MUG 5"])).toEqual(["MUG 2 JFK", "MUG 3 SFO"])
    expect(sourced(levels, ["MUG 9"])).toEqual(["MUG 2 JFK", "MUG 3 SFO", "MUG 4 SEA"])
  })

  test("is short by what all locations have together, and says so without naming one", () => {
    const levels = levelsOf({ MUG: { JFK: 2, LAX: 3 } })
    expect(sourced(levels, ["MUG 6"])).toEqual([{ sku: "MUG", requested: 6, available: 5 }])
    expect(sourced(levels, ["PAN 1"])).toEqual([{ sku: "PAN", requested: 1, available: 0 }])
  })
})

describe("a basket", () => {
  test("comes from one location if any can serve all of it, even one that is asked later", () => {
    const levels = levelsOf({ MUG: { JFK: 5, LAX: 5, SFO: 5 }, PAN: { JFK: 1, LAX: 2, SFO: 2 } })
    expect(sourced(levels, ["MUG 1", "PAN 2"])).toEqual(["MUG 1 LAX", "PAN 2 LAX"])
  })

  test("else each sku comes from the first location that can serve it whole", () => {
    const levels = levelsOf({ MUG: { JFK: 5, LAX: 5, SFO: 0 }, PAN: { JFK: 1, LAX: 1, SFO: 2 } })
    expect(sourced(levels, ["MUG 2", "PAN 2"])).toEqual(["MUG 2 JFK", "PAN 2 SFO"])
  })

  test("and only the sku that no location can serve alone is split", () => {
    const levels = levelsOf({ MUG: { JFK: 1, LAX: 5 }, PAN: { JFK: 1, LAX: 1 } })
    expect(sourced(levels, ["MUG 2", "PAN 2"])).toEqual(["MUG 2 LAX", "PAN 1 JFK", "PAN 1 LAX"])
  })

  test("is refused as a whole, with a shortage for every line that falls short and for no other", () => {
    const levels = levelsOf({ MUG: { JFK: 1, LAX: 1 }, PAN: { JFK: 9, LAX: 9 }, POT: { JFK: 0, LAX: 3 } })
    expect(sourced(levels, ["MUG 3", "PAN 1", "POT 1 JFK", "POT 4"])).toEqual([
      { sku: "POT", location: "JFK", requested: 1, available: 0 },
      { sku: "MUG", requested: 3, available: 2 },
      { sku: "POT", requested: 4, available: 3 },
    ])
  })

  test("names every level on which it fell short, and no other", () => {
    const levels = levelsOf({ MUG: { JFK: 1, LAX: 1 }, PAN: { JFK: 9, LAX: 9 }, POT: { JFK: 0, LAX: 3 } })
    const sourcing = source(new StockBook(levels), linesOf("MUG 3", "PAN 1", "POT 1 JFK"))
    const names = "shortLevelIds" in sourcing ? sourcing.shortLevelIds : []
    const short = levels
      .filter(({ id }) => names.includes(id))
      .map(({ sku, location }) => `${sku} ${location}`)
    expect(short).toEqual(["MUG JFK", "MUG LAX", "POT JFK"])
  })
})

describe("lines with and without a location for the same sku", () => {
  const levels = levelsOf({ MUG: { JFK: 3, LAX: 3 } })

  test("share the location without taking a unit twice", () => {
    expect(sourced(levels, ["MUG 1", "MUG 2 JFK"])).toEqual(["MUG 3 JFK"])
    expect(sourced(levels, ["MUG 2", "MUG 2 JFK"])).toEqual(["MUG 2 JFK", "MUG 2 LAX"])
    expect(sourced(levels, ["MUG 4", "MUG 2 JFK"])).toEqual(["MUG 3 JFK", "MUG 3 LAX"])
  })

  test("are short by what the line with the location leaves over", () => {
    expect(sourced(levels, ["MUG 5", "MUG 2 JFK"])).toEqual([{ sku: "MUG", requested: 5, available: 4 }])
  })
})

describe("safety stock", () => {
  test("is never promised, with or without a location", () => {
    const levels = levelsOf({ MUG: { JFK: { onHand: 5, held: 1, safetyStock: 2 }, LAX: 1 } })
    expect(sourced(levels, ["MUG 2 JFK"])).toEqual(["MUG 2 JFK"])
    expect(sourced(levels, ["MUG 3 JFK"])).toEqual([
      { sku: "MUG", location: "JFK", requested: 3, available: 2 },
    ])
    expect(sourced(levels, ["MUG 3"])).toEqual(["MUG 1 LAX", "MUG 2 JFK"])
    expect(sourced(levels, ["MUG 4"])).toEqual([{ sku: "MUG", requested: 4, available: 3 }])
  })

  test("above what is on hand leaves nothing, and takes nothing from the other locations", () => {
    const levels = levelsOf({ MUG: { JFK: { onHand: 5, safetyStock: 9 }, LAX: 2 } })
    expect(sourced(levels, ["MUG 2"])).toEqual(["MUG 2 LAX"])
    expect(sourced(levels, ["MUG 3"])).toEqual([{ sku: "MUG", requested: 3, available: 2 }])
  })
})

describe("the credit of a hold that is replaced", () => {
  const levels = levelsOf({
    MUG: { JFK: { onHand: 3, held: 3 }, LAX: { onHand: 5, held: 4, safetyStock: 2 } },
  })
  const [jfk, lax] = levels.map(({ id }) => id) as [number, number]

  test("counts as free where it lies, and nowhere else", () => {
    expect(sourced(levels, ["MUG 1 JFK"])).toEqual([
      { sku: "MUG", location: "JFK", requested: 1, available: 0 },
    ])
    expect(sourced(levels, ["MUG 2 JFK"], new Map([[jfk, 2]]))).toEqual(["MUG 2 JFK"])
    expect(sourced(levels, ["MUG 3 JFK"], new Map([[jfk, 2]]))).toEqual([
      { sku: "MUG", location: "JFK", requested: 3, available: 2 },
    ])
    expect(sourced(levels, ["MUG 1 LAX"], new Map([[jfk, 2]]))).toEqual([
      { sku: "MUG", location: "LAX", requested: 1, available: 0 },
    ])
  })

  test("fills up the safety stock first", () => {
    expect(sourced(levels, ["MUG 2 LAX"], new Map([[lax, 3]]))).toEqual(["MUG 2 LAX"])
    expect(sourced(levels, ["MUG 3 LAX"], new Map([[lax, 3]]))).toEqual([
      { sku: "MUG", location: "LAX", requested: 3, available: 2 },
    ])
  })
})
