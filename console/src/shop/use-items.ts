import { useQueries } from "@tanstack/react-query"
import { type Item, isProblem } from "earmark/client"
import { shop } from "../api/client.ts"

/** Names and pictures change seldom, and what is available is followed live. */
const STALE_MS = 30_000

/** By sku; null where there is no such item, and nothing where it is not known yet. */
export function useItems(skus: readonly string[]): ReadonlyMap<string, Item | null> {
  const distinct = [...new Set(skus)]
  const queries = useQueries({
    queries: distinct.map((sku) => ({
      queryKey: ["item", sku],
      queryFn: ({ signal }: { signal: AbortSignal }) => itemOrNull(sku, signal),
      staleTime: STALE_MS,
    })),
  })
  const found = distinct.map((sku, index) => [sku, queries[index]?.data] as const)
  return new Map(found.filter((entry): entry is readonly [string, Item | null] => entry[1] !== undefined))
}

async function itemOrNull(sku: string, signal: AbortSignal): Promise<Item | null> {
  try {
    return await shop.items.get(sku, { signal })
  } catch (error) {
    if (isProblem(error, "item_not_found", "invalid_request")) return null
    throw error
  }
}

/** One that does not exist would end the following of all. */
export function skusThatExist(items: ReadonlyMap<string, Item | null>): string[] {
  return [...items.values()].flatMap((item) => (item === null ? [] : [item.sku]))
}
