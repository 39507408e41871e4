/** Rejects when the work takes longer; it goes on all the same, and nobody hears of it any more. */
export async function within<T>(ms: number, work: Promise<T>, lateMessage = "nothing came"): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${lateMessage} within ${ms} ms`)), ms)
  work.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
