/** One read on a replica: on one connection, and with what the replica is looked at in the same round trip. */
import type pg from "pg"
import { Connection } from "../connection.ts"
import type { Reader } from "../reader.ts"
import type { Standing, Unusable } from "./marks.ts"
import { isStandbyStatement, standingStatement, toStanding } from "./standing.ts"

/** What was read must not be believed. */
export class NotUsable extends Error {
  override readonly name = "NotUsable"
  readonly state: Unusable

  constructor(state: Unusable) {
    super(`the read replica is ${state}`)
    this.state = state
  }
}

export interface ReplicaReading<T> {
  readonly pool: pg.Pool
  readonly schema: string
  /** Throws when what is read in such a standing must not be believed. */
  readonly check: (standing: Standing) => void
  readonly work: (reader: Reader) => Promise<T>
}

/**
 * How far it has got is looked at before, and that it is a standby still, after what is read: so what is read is at least as new
 * as its standing, and of the primary's history. All on one connection: behind the address there may be several replicas.
 *
 * @throws NotUsable
 */
export async function readReplica<T>({ pool, schema, check, work }: ReplicaReading<T>): Promise<T> {
  const connection = await Connection.open(pool)
  try {
    return await work({
      schema,
      async run(statements) {
        const sent = [standingStatement(schema), ...statements, isStandbyStatement(schema)]
        const answers = (await connection.send(sent, false)).map(({ rows }) => rows)
        check(toStanding(answers[0]?.[0]))
        if (answers.at(-1)?.[0]?.["is_standby"] !== true) throw new NotUsable("promoted")
        return answers.slice(1, -1)
      },
    })
  } finally {
    connection.release()
  }
}
