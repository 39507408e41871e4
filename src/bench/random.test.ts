import { expect, test } from "vitest"
import { type Choice, chooseByZipf, chooseDistinct, chooseUniformly, createRandom } from "./random.ts"

const DRAWS = 100_000

function countDraws(choose: Choice, count: number): number[] {
  const counts = Array.from({ length: count }, () => 0)
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const index = choose()
    counts[index] = (counts[index] ?? Number.NaN) + 1
  }
  return counts
}

test("the same seed gives the same sequence, another seed another one", () => {
  const sequence = (seed: number) => Array.from({ length: 5 }, createRandom(seed))
  expect(sequence(7)).toEqual(sequence(7))
  expect(sequence(7)).not.toEqual(sequence(8))
  expect(new Set(sequence(0)).size).toBe(5)
})

test("uniform choices are even", () => {
  const counts = countDraws(chooseUniformly(10, createRandom(1)), 10)
  for (const count of counts) expect(count / DRAWS).toBeCloseTo(0.1, 2)
})

test("by Zipf, the n-th is chosen an n-th as often as the first", () => {
  const counts = countDraws(chooseByZipf(1000, createRandom(1)), 1000)
  const harmonic = Array.from({ length: 1000 }, (_, index) => 1 / (index + 1)).reduce(
    (sum, part) => sum + part,
  )
  expect((counts[0] ?? 0) / DRAWS).toBeCloseTo(1 / harmonic, 2)
  for (const rank of [2, 3, 10]) {
    expect((counts[0] ?? 0) / (counts[rank - 1] ?? 0)).toBeGreaterThan(rank * 0.9)
    expect((counts[0] ?? 0) / (counts[rank - 1] ?? 0)).toBeLessThan(rank * 1.1)
  }
  expect(counts.slice(900).some((count) => count > 0)).toBe(true)
})

test("choices stay inside, also at the ends of what is drawn", () => {
  for (const choose of [chooseByZipf, chooseUniformly]) {
    expect(choose(3, () => 0)()).toBe(0)
    expect(choose(3, () => 1 - 2 ** -32)()).toBe(2)
    expect(choose(1, () => 0.5)()).toBe(0)
  }
})

test("distinct choices differ, also where one is chosen nearly always", () => {
  const choose = chooseByZipf(4, createRandom(1))
  for (let draw = 0; draw < 100; draw += 1) expect(new Set(chooseDistinct(choose, 3)).size).toBe(3)
})
