/** A read replica: it may inform, and never decides. Whatever it cannot answer in time and for sure, the primary is asked. */
import { EarmarkError } from "../../core/errors.ts"
import type { ReplicaState, ReplicaStatus } from "../../engine/replica-status.ts"
import { openReadOnlyPool } from "../connect.ts"
import type { Database } from "../database.ts"
import { faultKind } from "../faults.ts"
import { primaryReader, type Reader } from "../reader.ts"
import { type Informed, informedByPrimary, type Reads } from "../reads/informing.ts"
import { Follower } from "./follower.ts"
import type { Standing, Unusable } from "./marks.ts"
import { NotUsable, readReplica } from "./read-replica.ts"

/** Why the primary was asked. */
export type ReadReason =
  | Unusable
  /** What was asked for is newer than the replica. */
  | "behind"
  /** The replica gave up the read, for the sake of what it had to replay. */
  | "conflict"
  | "failed"

export interface ReplicaObserver {
  /** @param reason null: it was read on the replica */
  read(reason: ReadReason | null): void
  state(state: ReplicaState, before: ReplicaState): void
}

export const SILENT_REPLICA_OBSERVER: ReplicaObserver = { read() {}, state() {} }

export interface ReplicaOptions {
  readonly replicaUrl: string
  readonly stalenessMsMax: number
  readonly poolSize?: number | undefined
  readonly observer: ReplicaObserver
}

export interface Replica {
  readonly reads: Reads
  /** As it was seen last, in a fourth of the bound while there are reads; nothing is asked. */
  status(): ReplicaStatus
  /** Looks first. */
  look(): Promise<ReplicaStatus>
  close(): Promise<void>
}

export function openReplica(database: Database, options: ReplicaOptions): Replica {
  const { replicaUrl, stalenessMsMax, poolSize, observer } = options
  const max = poolSize === undefined ? {} : { max: poolSize }
  const replica = { databaseUrl: replicaUrl, applicationName: "earmark replica" }
  const pool = openReadOnlyPool({ ...replica, ...max })
  const looks = openReadOnlyPool({ ...replica, max: 1 })
  const follower = new Follower({
    database,
    pool: looks,
    stalenessMsMax,
    onState: (state, before) => observer.state(state, before),
  })
  const status = () => statusOf(follower)
  return {
    reads: new ReplicaReads({ database, pool, follower, observer }),
    status,
    look: () => follower.look().then(status),
    async close() {
      await follower.close()
      await Promise.all([pool.end(), looks.end()])
    },
  }
}

interface Parts {
  readonly database: Database
  readonly pool: ReturnType<typeof openReadOnlyPool>
  readonly follower: Follower
  readonly observer: ReplicaObserver
}

class ReplicaReads implements Reads {
  readonly primary: Reader
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
    this.primary = primaryReader(parts.database)
  }

  async inform<T>(
    work: (reader: Reader) => Promise<T>,
    isThere: (value: T) => boolean = () => true,
  ): Promise<Informed<T>> {
    const { database, follower, observer } = this.#parts
    follower.use()
    const read = follower.state === "fresh" ? await this.#tryReplica(work, isThere) : follower.state
    observer.read(typeof read === "string" ? read : null)
    return typeof read === "string" ? informedByPrimary(database, work) : read
  }

  async isSeenByReplica(work: (reader: Reader) => Promise<boolean>): Promise<boolean> {
    const { follower } = this.#parts
    await follower.look()
    const check = (standing: Standing) => {
      const { state } = follower.judge(standing)
      if (state !== "fresh" && state !== "stale") throw new NotUsable(state)
    }
    return this.#readReplica(check, work).catch(() => false)
  }

  async #tryReplica<T>(
    work: (reader: Reader) => Promise<T>,
    isThere: (value: T) => boolean,
  ): Promise<Informed<T> | ReadReason> {
    const { follower } = this.#parts
    let asOf: Date | undefined
    const check = (standing: Standing) => {
      const verdict = follower.judge(standing)
      if (verdict.state !== "fresh") throw new NotUsable(verdict.state)
      // It only gets newer.
      asOf ??= verdict.mark.at
    }
    try {
      const value = await this.#readReplica(check, work)
      if (asOf === undefined) throw new Error("what informs has read nothing")
      return isThere(value) ? { value, asOf } : "behind"
    } catch (error) {
      const reason = reasonOf(error)
      if (reason === "away") follower.suspect()
      return reason
    }
  }

  #readReplica<T>(check: (standing: Standing) => void, work: (reader: Reader) => Promise<T>): Promise<T> {
    const { pool, database, follower } = this.#parts
    return follower.whileThere(readReplica({ pool, schema: database.schema, check, work }))
  }
}

/** @throws what the caller did wrong: the primary would say no other */
function reasonOf(error: unknown): ReadReason {
  if (error instanceof NotUsable) return error.state
  if (error instanceof EarmarkError) {
    if (error.code === "invalid_request") throw error
    return "behind"
  }
  switch (faultKind(error)) {
    case "retry":
      return "conflict"
    case "unavailable":
    case "unknown":
      return "away"
    case "busy":
    case "broken":
      return "failed"
  }
}

function statusOf({ state, reached }: Follower): ReplicaStatus {
  if (reached === null) return { state, asOf: null, ageMs: null }
  return { state, asOf: reached.at, ageMs: performance.now() - reached.askedMs }
}
