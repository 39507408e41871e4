import type { Database } from "../postgres/database.ts"
import {
  openReplica,
  type Replica,
  type ReplicaObserver,
  SILENT_REPLICA_OBSERVER,
} from "../postgres/replica/replica.ts"
import { type CreateEngineOptions, REPLICA_STALENESS_MS_DEFAULT } from "./options.ts"

export interface ReplicaHooks {
  readonly replica?: ReplicaObserver
}

/** Null when there is none. One that cannot be reached is looked for while there are reads; until then the primary is read. */
export function openReplicaOf(
  { replicaUrl, replicaStalenessMs = REPLICA_STALENESS_MS_DEFAULT, poolSize }: CreateEngineOptions,
  database: Database,
  { replica: observer = SILENT_REPLICA_OBSERVER }: ReplicaHooks,
): Replica | null {
  if (replicaUrl === undefined) return null
  return openReplica(database, { replicaUrl, stalenessMsMax: replicaStalenessMs, poolSize, observer })
}
