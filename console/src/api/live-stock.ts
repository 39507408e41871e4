/** What is available of items, as it changes. */
import type { LiveAvailability } from "earmark/client"
import { useEffect, useState } from "react"
import { shop } from "./client.ts"
import { watchConnection } from "./connection.ts"

/** The service takes so many skus for one connection. */
export const FOLLOWED_SKUS_MAX = 100

/**
 * The latest of each item by sku; empty until the first has come. Of more than 100 skus the first 100 are followed.
 */
export function useLiveStock(skus: readonly string[]): ReadonlyMap<string, LiveAvailability> {
  const [latest, setLatest] = useState<ReadonlyMap<string, LiveAvailability>>(new Map())
  const key = skus.slice(0, FOLLOWED_SKUS_MAX).join(",")
  useEffect(() => {
    if (key === "") return
    const stopping = new AbortController()
    const { onConnection, close } = watchConnection()
    void (async () => {
      try {
        for await (const one of shop.stock.follow(key.split(","), {
          signal: stopping.signal,
          onConnection,
        })) {
          setLatest((before) => new Map(before).set(one.sku, one))
        }
      } catch {
        // An item is not there any more: what the page has read says so, and nothing changes of what is gone.
      }
    })()
    return () => {
      stopping.abort()
      close()
    }
  }, [key])
  return latest
}
