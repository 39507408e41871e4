/**
 * How old a replica is, without believing its clock or what it says of its own age: the time of the last replayed transaction
 * stands still when nothing is written, and what it has received is all that it knows of when it is cut off. So the primary
 * is asked how far its log is written, and the answer kept with the time at which it was asked: that is a mark. A replica
 * that has replayed up to a mark has everything that was committed by then.
 */
import type { ReplicaState } from "../../engine/replica-status.ts"

/** What the primary said. */
export interface Mark {
  /** By the primary's clock, read before the end of its log. */
  readonly at: Date
  /** By this process's clock, which only runs forward: before the primary was asked. */
  readonly askedMs: number
  /** Of everything that was committed by then, in bytes. */
  readonly logEnd: bigint
  readonly history: History
}

/** Only within one history do the ends of logs compare. */
export interface History {
  /** Of the cluster, kept by all copies of it. */
  readonly system: string
  readonly database: string
  /** A promotion begins another one, which others may follow or not. */
  readonly timeline: number
}

/** What a replica says of itself. */
export interface Standing {
  /** False once it was promoted, or if it never was a standby. */
  readonly isStandby: boolean
  /** Of its log, in bytes. */
  readonly replayed: bigint
  readonly history: History
}

/** Why a replica may not be asked. */
export type Unusable = Exclude<ReplicaState, "fresh">

export type Verdict =
  | { readonly state: "fresh"; readonly mark: Mark }
  | { readonly state: Exclude<Unusable, "away"> }

/**
 * Marks kept: a replica that is behind all of them is seen to be late, but not how late. At four marks within the bound, this
 * tells lateness of up to sixty times the bound.
 */
const MARKS_MAX = 256

export class Marks {
  readonly #stalenessMsMax: number
  /** The newest last. */
  #marks: Mark[] = []

  constructor(stalenessMsMax: number) {
    this.#stalenessMsMax = stalenessMsMax
  }

  add(mark: Mark): void {
    this.#marks = [...this.#marks.slice(1 - MARKS_MAX), mark]
  }

  /** The newest that the replica has got to. */
  reachedBy(standing: Standing): Mark | null {
    const { timeline } = standing.history
    const isReached = (mark: Mark) =>
      mark.history.timeline === timeline && isSameDatabase(mark, standing) && mark.logEnd <= standing.replayed
    return this.#marks.findLast(isReached) ?? null
  }

  judge(standing: Standing, nowMs: number): Verdict {
    if (!standing.isStandby) return { state: "promoted" }
    const newest = this.#marks.at(-1)
    if (newest === undefined) return { state: "unseen" }
    const isForeign =
      !isSameDatabase(newest, standing) || newest.history.timeline !== standing.history.timeline
    if (isForeign) return { state: "foreign" }
    const mark = this.reachedBy(standing)
    const isFresh = mark !== null && nowMs - mark.askedMs <= this.#stalenessMsMax
    return isFresh ? { state: "fresh", mark } : { state: "stale" }
  }
}

function isSameDatabase({ history: one }: Mark, { history: other }: Standing): boolean {
  return one.system === other.system && one.database === other.database
}
