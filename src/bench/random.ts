/** Choices that are the same in every round and for every contender. */

/** Gives numbers from 0 to below 1. */
export type Random = () => number

/** Marsaglia's xorshift with 32 bits: the sequence is that of its seed. */
export function createRandom(seed: number): Random {
  // Its state must not be 0, from which it never moves.
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Chooses an index. */
export type Choice = () => number

export function chooseUniformly(count: number, random: Random): Choice {
  return () => Math.floor(random() * count)
}

/** Zipf's law with the exponent 1: the second is chosen half as often as the first, the third a third as often. */
export function chooseByZipf(count: number, random: Random): Choice {
  const cumulated = new Float64Array(count)
  let sum = 0
  for (let rank = 1; rank <= count; rank += 1) {
    sum += 1 / rank
    cumulated[rank - 1] = sum
  }
  return () => firstAbove(cumulated, random() * sum)
}

/** The index of the first value above the limit, in an ascending array whose last value is. */
function firstAbove(ascending: Float64Array, limit: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? 0) > limit) high = middle
    else low = middle + 1
  }
  return low
}

/** Several that differ. */
export function chooseDistinct(choose: Choice, count: number): number[] {
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(choose())
  return [...chosen]
}
