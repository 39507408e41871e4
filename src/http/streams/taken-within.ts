/** Hands on what comes, and tells when one of it was not taken for so long: whoever should have taken it stands still. */
export async function* takenWithin<T>(
  ms: number,
  items: AsyncIterable<T>,
  onStandstill: () => void,
): AsyncGenerator<T, void> {
  for await (const item of items) {
    const standstill = setTimeout(onStandstill, ms)
    try {
      yield item
    } finally {
      clearTimeout(standstill)
    }
  }
}
