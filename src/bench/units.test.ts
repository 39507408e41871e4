import { expect, test } from "vitest"
import type { Engine } from "../index.ts"
import { engineSeller } from "./seller.ts"
import { Units } from "./units.ts"

const SUPPLIED = 10

/** An engine whose books say what the test says. */
function engineWith(books: Record<string, { onHand: number; held: number }>): Engine {
  const engine: Partial<Engine> = {
    availability: async (sku) => (books[sku] ?? null) as Awaited<ReturnType<Engine["availability"]>>,
  }
  return engine as Engine
}

test("units that add up", async () => {
  const books = { A: { onHand: 9, held: 1 }, B: { onHand: 10, held: 0 } }
  const units = new Units(engineWith(books), ["A", "B"], SUPPLIED)
  // Two held, one of them confirmed since; and one that was released.
  for (const index of [0, 0, 1]) units.grant(index)
  units.confirm(0)
  units.release(1)
  expect(await units.count()).toEqual({ oversold: 0, leaked: 0 })
})

test("what is held and was granted to nobody, or granted and is not held, has leaked; it is told once", async () => {
  const books = { A: { onHand: 10, held: 3 }, B: { onHand: 10, held: 0 } }
  const units = new Units(engineWith(books), ["A", "B"], SUPPLIED)
  units.grant(0)
  units.grant(1)
  expect(await units.count()).toEqual({ oversold: 0, leaked: 2 + 1 })
  expect(await units.count()).toEqual({ oversold: 0, leaked: 0 })
})

test("what left the shelf without being confirmed has leaked", async () => {
  const units = new Units(engineWith({ A: { onHand: 8, held: 0 } }), ["A"], SUPPLIED)
  expect(await units.count()).toEqual({ oversold: 0, leaked: 2 })
})

test("granted beyond what there is was oversold; it is told once, and what comes on top is told", async () => {
  const books = { A: { onHand: 10, held: 12 } }
  const units = new Units(engineWith(books), ["A"], SUPPLIED)
  for (let granted = 0; granted < 12; granted += 1) units.grant(0)
  expect(await units.count()).toEqual({ oversold: 2, leaked: 0 })
  units.grant(0)
  books.A.held = 13
  expect(await units.count()).toEqual({ oversold: 1, leaked: 0 })
})

test.each([
  ["exactly the units are granted", { granted: 10, refused: 5 }, { onHand: 10, held: 10 }, [0, 0]],
  ["one more than there are", { granted: 11, refused: 5 }, { onHand: 10, held: 11 }, [1, 0]],
  ["refused although one was left", { granted: 9, refused: 1 }, { onHand: 10, held: 9 }, [0, 1]],
  ["nobody refused, not all sold", { granted: 9, refused: 0 }, { onHand: 10, held: 9 }, [0, 0]],
  ["held for nobody", { granted: 10, refused: 0 }, { onHand: 10, held: 12 }, [0, 2]],
] as const)("a storm: %s", async (_, told, book, [oversold, leaked]) => {
  const seller = engineSeller(engineWith({ A: book }), { keyed: false })
  expect(await seller.count("A", { supplied: SUPPLIED, ...told })).toEqual({ oversold, leaked })
})
