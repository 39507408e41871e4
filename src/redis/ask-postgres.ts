/**
 * Has Postgres decide on items of which Redis may have units. When it falls short, what Redis has is taken back and it is
 * asked again, until one thing is certain: it was enough, or there was none anywhere (promise L2).
 */
import { EarmarkError } from "../core/errors.ts"
import type { HotStock } from "./hot-stock.ts"
import type { Recall } from "./recall.ts"
import type { Remains } from "./shard.ts"
import type { SoldOut } from "./sold-out.ts"

/** How often the two are asked until they agree. */
export const ROUNDS_MAX = 5

export interface RecallingParts {
  readonly hot: HotStock
  readonly recall: Recall
  readonly soldOut: SoldOut
}

export interface Question<O> {
  ask(): Promise<O>
  /** What it was refused for want of; nothing when it was not. */
  shortOf(outcome: O): readonly string[]
}

export interface Answer<O> {
  readonly outcome: O
  /** Of what it is short of, what there is truly none of: the rest may only seem so, because Redis has it. */
  readonly soldOut: readonly string[]
}

export async function askPostgres<O>(parts: RecallingParts, question: Question<O>): Promise<Answer<O>> {
  const { hot, soldOut } = parts
  const recalled = new Map<string, Remains>()
  for (let again = 0; again < ROUNDS_MAX; ) {
    const outcome = await question.ask()
    const skus = question.shortOf(outcome)
    if (skus.length === 0) return { outcome, soldOut: [] }
    // An item may have become hot since we last heard.
    if (!hot.isBelieved()) await hot.refresh()
    const proven = await Promise.all(
      skus.map(async (sku) => {
        const remains = recalled.get(sku)
        const isTrue = remains ? await soldOut.isTrueAfterRecall(sku, remains) : !hot.isHot(sku)
        return isTrue ? [sku] : []
      }),
    )
    if (proven.flat().length > 0) return { outcome, soldOut: proven.flat() }
    // Only as many as it takes: what is recalled is no longer sold from memory.
    const next = skus.find((sku) => !recalled.has(sku)) ?? skus[0] ?? ""
    if (recalled.has(next)) again += 1
    recalled.set(next, await recallAll(parts, next))
  }
  throw contended()
}

/** Takes back what a shard has of an item, of levels too that are new. Refuses while nobody can say what becomes of it. */
export async function recallAll({ hot, recall, soldOut }: RecallingParts, sku: string): Promise<Remains> {
  await hot.refresh()
  const remains = await recall.run(sku)
  if (remains === null) await soldOut.refuseWhileRecovering(sku)
  return remains ?? { epoch: 0, overdue: false, levels: [] }
}

/** Until nothing is on its way to the shard any more either; what is being recovered comes back in any case. */
export async function recallUntilSure({ recall, soldOut }: RecallingParts, sku: string): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const remains = await recall.run(sku)
    if (remains === null || (await soldOut.isTrueAfterRecall(sku, remains))) return
  }
}

export function contended(): EarmarkError {
  return new EarmarkError(
    "unavailable",
    "Units kept moving between Postgres and Redis. Nothing was changed.",
    { notApplied: true },
  )
}

/** What cannot be found may have been lost, which is not recorded yet. */
export function recovering(): EarmarkError {
  return new EarmarkError("unavailable", "Redis, which may have had the reservation, is being recovered.", {
    notApplied: true,
  })
}
