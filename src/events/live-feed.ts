import type { LiveFeed } from "../engine/event-feed.ts"
import type { FeedStore } from "../engine/feed-store.ts"
import { follow } from "./follow.ts"
import { SharedTail } from "./shared-tail.ts"

/** @param source what the events name as where they come from */
export function createLiveFeed(store: FeedStore, source: string): LiveFeed {
  const parts = { store, source }
  const tail = new SharedTail(parts)
  return {
    follow: (query) => follow(parts, tail, query),
    close: () => tail.close(),
  }
}
