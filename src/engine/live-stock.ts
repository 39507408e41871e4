/** What is available of items, live. */
import type { Availability } from "./views.ts"

export type WatchOutcome =
  | {
      readonly outcome: "watching"
      /** Nothing is told any more. */
      readonly stop: () => void
    }
  | { readonly outcome: "item_not_found"; readonly sku: string }

export interface LiveStock {
  /**
   * Tells what is available of each item now, and then whenever that has changed, a few times a second at most: the latest
   * counts. Whoever watches the same item is told the same object.
   */
  watch(skus: readonly string[], onChange: (availability: Availability) => void): Promise<WatchOutcome>
  /** Nobody is told anything any more, and nothing is left running. */
  close(): Promise<void>
}
