/** Reads at most once in so long, however many ask: all of them are told the same. A reading that fails is not kept. */
export function keptReading<T>(keptMs: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly value: Promise<T>; untilMs: number } | null = null
  return () => {
    if (kept !== null && performance.now() < kept.untilMs) return kept.value
    // As long as it takes, nobody else asks.
    const reading = { value: read(), untilMs: Number.POSITIVE_INFINITY }
    kept = reading
    reading.value.then(
      () => {
        reading.untilMs = performance.now() + keptMs
      },
      () => {
        kept = null
      },
    )
    return reading.value
  }
}
