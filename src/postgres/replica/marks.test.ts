import { expect, test } from "vitest"
import { type History, type Mark, Marks, type Standing } from "./marks.ts"

const HISTORY: History = { system: "7", database: "shop", timeline: 1 }

function mark(askedMs: number, logEnd: number, history: Partial<History> = {}): Mark {
  return {
    at: new Date(askedMs),
    askedMs,
    logEnd: BigInt(logEnd),
    history: { ...HISTORY, ...history },
  }
}

function standing(replayed: number, more: Partial<History> & { isStandby?: boolean } = {}): Standing {
  const { isStandby = true, ...history } = more
  return { isStandby, replayed: BigInt(replayed), history: { ...HISTORY, ...history } }
}

function marksOf(...marks: Mark[]): Marks {
  const kept = new Marks(1000)
  for (const one of marks) kept.add(one)
  return kept
}

test("a replica is as of the newest mark that it has replayed, the end included", () => {
  const marks = marksOf(mark(100, 10), mark(200, 20), mark(300, 30))
  const asOf = (replayed: number) => marks.reachedBy(standing(replayed))?.askedMs
  expect([9, 10, 19, 20, 29, 30, 99].map(asOf)).toEqual([undefined, 100, 100, 200, 200, 300, 300])
})

test("where nothing is written the newest mark counts", () => {
  expect(marksOf(mark(100, 10), mark(200, 10)).reachedBy(standing(10))?.askedMs).toBe(200)
})

test("it is stale from the bound on, however much it has received, and fresh up to there", () => {
  const marks = marksOf(mark(100, 10), mark(1200, 20))
  expect(marks.judge(standing(10), 1100)).toMatchObject({ state: "fresh", mark: { askedMs: 100 } })
  expect(marks.judge(standing(10), 1101)).toEqual({ state: "stale" })
  expect(marks.judge(standing(20), 1101)).toMatchObject({ state: "fresh", mark: { askedMs: 1200 } })
})

test("a primary that is not answering leaves the replica fresh until the bound, and no longer", () => {
  const marks = marksOf(mark(100, 10))
  expect(marks.judge(standing(1_000_000), 1100).state).toBe("fresh")
  expect(marks.judge(standing(1_000_000), 1101).state).toBe("stale")
})

test.each([
  ["of another cluster", { system: "8" }, "foreign"],
  ["of another database", { database: "other" }, "foreign"],
  ["left behind on the old timeline by a promotion", { timeline: 0 }, "foreign"],
  ["that followed a promotion which the primary knows nothing of", { timeline: 2 }, "foreign"],
  ["that was promoted", { isStandby: false }, "promoted"],
])("one %s is not used", (_, more, state) => {
  expect(marksOf(mark(100, 10)).judge(standing(10, more), 100)).toEqual({ state })
})

test("after a failover the ends of the old log say nothing", () => {
  // The new primary's log is shorter than what the old one had written.
  const marks = marksOf(mark(100, 50), mark(200, 40, { timeline: 2 }))
  expect(marks.judge(standing(50), 200)).toEqual({ state: "foreign" })
  expect(marks.judge(standing(39, { timeline: 2 }), 200)).toEqual({ state: "stale" })
  expect(marks.judge(standing(40, { timeline: 2 }), 200)).toMatchObject({ mark: { askedMs: 200 } })
})

test("nobody knows before the first mark", () => {
  expect(marksOf().judge(standing(10), 0)).toEqual({ state: "unseen" })
})

test("the newest marks are kept, and no more than a few hundred", () => {
  const marks = marksOf(...Array.from({ length: 1000 }, (_, index) => mark(index, index)))
  expect(marks.reachedBy(standing(999))?.askedMs).toBe(999)
  expect(marks.reachedBy(standing(744))?.askedMs).toBe(744)
  expect(marks.reachedBy(standing(743))).toBeNull()
})
