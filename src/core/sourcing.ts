/**
 * From which locations a basket is served. Lines that name a location get just that. The rest goes to the first
 * location (lowest priority number, then code) that can serve all of it; failing that each sku to the first location
 * that can serve it whole; failing that it is split in that order.
 */
import type { Shortage } from "./commands.ts"
import { availableOf, type RequestedLine, type StockLevel } from "./model.ts"
import type { StockBook } from "./stock-book.ts"

export interface Allocation {
  readonly level: StockLevel
  readonly quantity: number
}

export type Sourcing =
  | { readonly allocations: readonly Allocation[] }
  | { readonly shortages: readonly Shortage[]; readonly shortLevelIds: readonly number[] }

/** Units by level id that this request itself gives back, so that they count as free for it. */
export type Credit = ReadonlyMap<number, number>
const NO_CREDIT: Credit = new Map()

/** @param lines equal lines already added up */
export function source(
  book: StockBook,
  lines: readonly RequestedLine[],
  credit: Credit = NO_CREDIT,
): Sourcing {
  const taken = new Map<number, number>()
  const free = (level: StockLevel) => {
    const { onHand, held, safetyStock } = level
    const back = credit.get(level.id) ?? 0
    return availableOf({ onHand, held: held - back, safetyStock }) - (taken.get(level.id) ?? 0)
  }
  const shortages: Shortage[] = []
  const shortLevelIds: number[] = []

  for (const { sku, location, quantity } of lines) {
    if (location === null) continue
    const level = book.level(sku, location)
    const available = level ? free(level) : 0
    if (level && available >= quantity) take(taken, level.id, quantity)
    else shortages.push({ sku, location, requested: quantity, available })
    if (level && available < quantity) shortLevelIds.push(level.id)
  }

  const anywhere = lines.filter((line) => line.location === null)
  for (const { sku, quantity } of anywhere) {
    const levels = book.levelsOf(sku)
    const available = levels.reduce((sum, level) => sum + free(level), 0)
    if (available >= quantity) continue
    shortages.push({ sku, requested: quantity, available })
    shortLevelIds.push(...levels.map((level) => level.id))
  }
  if (shortages.length > 0) return { shortages, shortLevelIds }

  const whole = oneLocationForAll(book, anywhere, free)
  for (const { sku, quantity } of anywhere) {
    const levels = book.levelsOf(sku)
    const location = whole ?? levels.find((level) => free(level) >= quantity)?.location
    if (location === undefined) split(levels, quantity, { free, taken })
    else take(taken, levelAt(levels, location).id, quantity)
  }
  return { allocations: [...taken].map(([id, quantity]) => ({ level: book.levelById(id), quantity })) }
}

type Free = (level: StockLevel) => number

function oneLocationForAll(book: StockBook, lines: readonly RequestedLine[], free: Free): string | undefined {
  const [first, ...rest] = lines
  if (!first) return undefined
  const servesRest = (location: string) =>
    rest.every((line) => {
      const level = book.level(line.sku, location)
      return level !== undefined && free(level) >= line.quantity
    })
  return book.levelsOf(first.sku).find((level) => free(level) >= first.quantity && servesRest(level.location))
    ?.location
}

function split(
  levels: readonly StockLevel[],
  quantity: number,
  stock: { free: Free; taken: Map<number, number> },
): void {
  let missing = quantity
  for (const level of levels) {
    const units = Math.min(missing, stock.free(level))
    if (units > 0) take(stock.taken, level.id, units)
    missing -= units
  }
}

function take(taken: Map<number, number>, levelId: number, quantity: number): void {
  taken.set(levelId, (taken.get(levelId) ?? 0) + quantity)
}

function levelAt(levels: readonly StockLevel[], location: string): StockLevel {
  const level = levels.find((candidate) => candidate.location === location)
  if (!level) throw new Error(`no level at ${location}`)
  return level
}
