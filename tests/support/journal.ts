/** What must be true of every journal, whatever was done. */
import { expect } from "vitest"
import type { Engine, JournalOrder, JournalView, StockJournalRequest } from "../../src/index.ts"

/** Page after page; `between` runs after each. */
export async function readJournal(
  engine: Engine,
  request: StockJournalRequest,
  between: () => Promise<unknown> = async () => {},
): Promise<JournalView[]> {
  const entries: JournalView[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await engine.stockJournal({ ...request, cursor })
    if (page.outcome !== "listed") throw new Error(page.outcome)
    entries.push(...page.data)
    if (page.nextCursor === null) return entries
    cursor = page.nextCursor
    await between()
  }
}

/** By level: versions without a gap from 1, each change beginning where the one before ended. */
export function expectChained(entries: readonly JournalView[], order: JournalOrder = "oldest"): void {
  const levels = Map.groupBy(entries, ({ sku, location }) => `${sku}/${location}`)
  for (const [level, told] of levels) {
    const changes = order === "oldest" ? told : told.toReversed()
    expect(
      changes.map(({ version }) => version),
      level,
    ).toEqual(changes.map((_, index) => index + 1))
    let before = { onHand: 0, held: 0, safetyStock: 0, allotted: 0, available: 0 }
    for (const change of changes) {
      expect(change.before, `${level} ${change.version}`).toEqual(before)
      before = change.after
    }
  }
}

/** What each kind of change may do to a level, as `onHand held safetyStock allotted`: signs of the differences. */
const EFFECTS: Record<JournalView["kind"], RegExp> = {
  held: /^0 \+ 0 0$/,
  confirmed: /^- - 0 0$/,
  released: /^0 - 0 0$/,
  expired: /^0 - 0 0$/,
  extended: /^0 0 0 0$/,
  adjusted: /^[+-] 0 0 0$/,
  safety_stock_set: /^0 0 [+0-] 0$/,
  allotted: /^0 0 0 \+$/,
  drawn: /^0 0 0 -$/,
  given_back: /^0 0 0 -$/,
}

export function expectEffects(entries: readonly JournalView[]): void {
  const sign = (units: number) => (units === 0 ? "0" : units > 0 ? "+" : "-")
  for (const { kind, before, after, version } of entries) {
    const signs = (["onHand", "held", "safetyStock", "allotted"] as const).map((member) =>
      sign(after[member] - before[member]),
    )
    expect(signs.join(" "), `${kind} ${version}`).toMatch(EFFECTS[kind])
    expect(after.available).toBe(Math.max(0, after.onHand - after.held - after.safetyStock))
  }
}
