import { Counter, Gauge, type Registry } from "prom-client"

/** The read replica, as it was seen last. */
export interface ReplicaSample {
  readonly isFresh: boolean
  /** Null: it was never seen to have anything. */
  readonly ageSeconds: number | null
}

export interface ReplicaMetrics {
  /** @param reason why the primary was read; null: the replica was */
  replicaRead(reason: string | null): void
  /** Looks at the replica whenever somebody scrapes. */
  setReplica(look: () => Promise<ReplicaSample>): void
}

export function createReplicaMetrics(register: Registry): ReplicaMetrics {
  const registers = [register]
  const reads = new Counter({
    name: "earmark_replica_reads_total",
    help: "Reads that a replica may answer, by who did, and why it was the primary",
    labelNames: ["source", "reason"],
    registers,
  })
  let look: (() => Promise<ReplicaSample>) | undefined
  const gauge = (name: string, help: string, numberOf: (sample: ReplicaSample) => number | null) =>
    new Gauge({
      name: `earmark_replica_${name}`,
      help,
      registers,
      async collect() {
        const sample = await look?.()
        const value = sample && numberOf(sample)
        if (typeof value === "number") this.set(value)
      },
    })
  gauge(
    "fresh",
    "1 while the read replica may be asked, 0 while the primary stands in for it",
    ({ isFresh }) => (isFresh ? 1 : 0),
  )
  gauge(
    "age_seconds",
    "Since the time by which all that was committed was seen on the read replica",
    ({ ageSeconds }) => ageSeconds,
  )
  return {
    replicaRead: (reason) =>
      reads.inc({ source: reason === null ? "replica" : "primary", reason: reason ?? "fresh" }),
    setReplica(next) {
      look = next
    },
  }
}
