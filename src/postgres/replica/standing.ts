/** What the primary and a standby say of their logs. */
import { Connection } from "../connection.ts"
import type { Database } from "../database.ts"
import { milliseconds } from "../rows.ts"
import { defineStatement, type Statement } from "../statement.ts"
import type { History, Mark, Standing } from "./marks.ts"

type Row = Record<string, unknown>

/** The clock comes first: whatever is committed by then is in the log that is written to disk. */
const readMark = defineStatement<[]>(
  "read_replica_mark",
  `with instant as materialized (select clock_timestamp() as at)
   select ${milliseconds("instant.at")} as at_ms,
     (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::text as log_end,
     ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int as timeline,
     (select s.system_identifier::text from pg_control_system() s) as system, current_database()::text as database
   from instant`,
)

/** The timeline of what it receives is shown to members of \`pg_read_all_stats\` alone; the others tell it some time later. */
const readStanding = defineStatement<[]>(
  "read_standing",
  `select pg_is_in_recovery() as is_standby, (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::text as replayed,
     greatest(
       (select c.timeline_id from pg_control_checkpoint() c),
       (select r.min_recovery_end_timeline from pg_control_recovery() r),
       (select w.received_tli from pg_stat_wal_receiver w)
     ) as timeline,
     (select s.system_identifier::text from pg_control_system() s) as system, current_database()::text as database`,
)

const readIsStandby = defineStatement<[]>("read_is_standby", "select pg_is_in_recovery() as is_standby")

/** Asks the primary. */
export async function takeMark({ pool, schema }: Database): Promise<Mark> {
  const connection = await Connection.open(pool)
  try {
    // Not before the connection is there: the wait for one would make the mark look older than it is.
    const askedMs = performance.now()
    const [answer] = await connection.send([readMark(schema)], false)
    const row = answer?.rows[0] ?? {}
    const at = new Date(Number(row["at_ms"]))
    return { at, askedMs, logEnd: BigInt(String(row["log_end"])), history: toHistory(row) }
  } finally {
    connection.release()
  }
}

export function standingStatement(schema: string): Statement {
  return readStanding(schema)
}

export function isStandbyStatement(schema: string): Statement {
  return readIsStandby(schema)
}

export function toStanding(row: Row = {}): Standing {
  return {
    isStandby: row["is_standby"] === true,
    replayed: BigInt(String(row["replayed"] ?? 0)),
    history: toHistory(row),
  }
}

function toHistory(row: Row): History {
  return {
    system: String(row["system"]),
    database: String(row["database"]),
    timeline: Number(row["timeline"]),
  }
}
