/** What the Redis hot path needs to know from Postgres, beyond the commands that it submits. */

/** A stock level of an item that has been set hot, with what is allotted of it. */
export interface HotLevel {
  readonly levelId: number
  readonly sku: string
  readonly location: string
  /** The location that is asked first comes first. */
  readonly priority: number
  /** Units that Redis should have ready; 0 while it is cooling down. */
  readonly target: number
  /** Hot since so long. */
  readonly hotMs: number
  readonly available: number
  /** 0 when nothing was ever allotted. */
  readonly epoch: number
  readonly units: number
  readonly allottedTotal: number
  readonly returnedTotal: number
}

/** What Postgres says of a shard. It grants only while it is open, in that epoch. */
export interface ShardRecord {
  readonly shard: number
  readonly epoch: number
  readonly state: "open" | "fenced"
  /** In that state since so long. */
  readonly sinceMs: number
  /** No worker has had an answer from it for so long. */
  readonly unseenMs: number
}

export interface HotState {
  readonly levels: readonly HotLevel[]
  readonly shards: readonly ShardRecord[]
}

export type Allotted = Pick<HotLevel, "levelId" | "epoch" | "units" | "allottedTotal" | "returnedTotal">

export interface AllotmentStore {
  /** Tells this schema apart from others that use the same Redis. */
  space(): Promise<string>
  hotState(): Promise<HotState>
  /** Takes note that these shards answer. */
  saw(shards: readonly number[]): Promise<void>
  /** Keeps services from granting in that epoch, as soon as they hear of it; changes nothing in another one. */
  fence(shard: number, epoch: number): Promise<void>
  /**
   * Of a shard that is fenced in the one epoch: what belongs to it, or an earlier one, is void from now on. False: it is not,
   * and nothing was changed.
   */
  beginEpoch(shard: number, epochs: { readonly from: number; readonly to: number }): Promise<boolean>
  open(shard: number, epoch: number): Promise<void>
  /** Runs the work unless somebody else is at it; says whether it did. */
  alone(shard: number, work: () => Promise<void>): Promise<boolean>
  /** What was ever allotted of each level of these items in its epoch, and what of it is still the shard's; by sku. */
  allotted(skus: readonly string[]): Promise<ReadonlyMap<string, readonly Allotted[]>>
  /** UUIDs of reservations, by the digest of their idempotency key. */
  reservationsOfKeys(digests: readonly string[]): Promise<ReadonlyMap<string, string>>
  isRevoked(id: string): Promise<boolean>
}
