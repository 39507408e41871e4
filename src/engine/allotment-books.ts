/** What Postgres says of Redis, for whoever compares the two. */
import type { ShardRecord } from "./allotment-store.ts"

export interface AllottedLevel {
  readonly levelId: number
  readonly sku: string
  readonly location: string
  readonly epoch: number
  readonly units: number
  readonly allottedTotal: number
  readonly returnedTotal: number
}

export interface AllotmentBooks {
  readonly shards: readonly Pick<ShardRecord, "shard" | "epoch" | "state">[]
  readonly levels: readonly AllottedLevel[]
  /** Those of the grants that were asked for whose units are no longer the shard's. */
  readonly drawn: ReadonlySet<string>
}

/** Reads all of it as it was at one instant. */
export type ReadAllotmentBooks = (grantIds: readonly string[]) => Promise<AllotmentBooks>
