/** How the read replica is, if there is one. */

export const REPLICA_STATES = [
  "fresh",
  /** Nobody has looked yet, or not for a while: nobody reads. */
  "unseen",
  "stale",
  "away",
  /** It writes by itself: it may have parted from the primary. */
  "promoted",
  /** A copy of something else, or on another timeline. */
  "foreign",
] as const
export type ReplicaState = (typeof REPLICA_STATES)[number]

export interface ReplicaStatus {
  readonly state: ReplicaState
  /** On the primary's clock: what was committed by then it was seen to have. Null: it was never seen to have anything. */
  readonly asOf: Date | null
  readonly ageMs: number | null
}
