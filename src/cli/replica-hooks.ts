/** What the read replica comes to, in the log and in the metrics. */
import type { Logger } from "pino"
import type { ReplicaState, ReplicaStatus } from "../engine/replica-status.ts"
import type { ReplicaObserver } from "../postgres/replica/replica.ts"
import type { Metrics } from "../telemetry/metrics.ts"
import type { ReplicaSample } from "../telemetry/replica-metrics.ts"

const SAID: Record<Exclude<ReplicaState, "unseen">, string> = {
  fresh: "the read replica is read",
  stale: "the read replica is too far behind: the primary is read",
  away: "the read replica cannot be reached: the primary is read",
  promoted: "DATABASE_REPLICA_URL leads to no standby, or to one that was promoted: the primary is read",
  foreign:
    "DATABASE_REPLICA_URL leads to a copy of something else than DATABASE_URL, or to one on another timeline: the primary is read",
}

/** Says each change once. That nobody reads is none. */
export function replicaHooks(logger: Logger, metrics: Metrics): ReplicaObserver {
  let told: ReplicaState = "unseen"
  return {
    read: (reason) => metrics.replicaRead(reason),
    state(state) {
      if (state === "unseen" || state === told) return
      told = state
      logger[state === "fresh" ? "info" : "warn"]({ replica: state }, SAID[state])
    },
  }
}

export function sampleOf({ state, ageMs }: ReplicaStatus): ReplicaSample {
  return { isFresh: state === "fresh", ageSeconds: ageMs === null ? null : ageMs / 1000 }
}
