/**
 * Reads that inform, and may be answered by a read replica; and those that must see what was done just before them. What is
 * decided is decided by neither: it reads inside of its own transaction.
 */
import type { Database } from "../database.ts"
import { readTogether } from "../query.ts"
import { primaryReader, type Reader } from "../reader.ts"
import { readClock } from "./clock.ts"

export interface Informed<T> {
  readonly value: T
  /** Whatever was committed by then, on the primary's clock, has been seen. */
  readonly asOf: Date
}

export interface Reads {
  /** Asks the primary. */
  readonly primary: Reader
  /**
   * Asks whoever may inform.
   *
   * @param work sends at least one statement; it may be asked again, of somebody else
   * @param isThere false for an answer that says no more than that a replica has not got there yet: then the primary is asked
   */
  inform<T>(work: (reader: Reader) => Promise<T>, isThere?: (value: T) => boolean): Promise<Informed<T>>
  /** Whether a replica of this primary says so, however far behind it is in other things; false without one. */
  isSeenByReplica(work: (reader: Reader) => Promise<boolean>): Promise<boolean>
}

export function primaryReads(database: Database): Reads {
  return {
    primary: primaryReader(database),
    inform: (work) => informedByPrimary(database, work),
    isSeenByReplica: () => Promise.resolve(false),
  }
}

/**
 * For who is told the same by several reads, or by somebody else's: what one has seen, the next one must not miss, as a replica
 * would that is asked after the primary.
 */
export function withoutReplica(database: Database, reads: Reads): Reads {
  return { ...primaryReads(database), isSeenByReplica: (work) => reads.isSeenByReplica(work) }
}

/** The clock is read first, in the same round trip: what is committed by then the other statements see. */
export async function informedByPrimary<T>(
  database: Database,
  work: (reader: Reader) => Promise<T>,
): Promise<Informed<T>> {
  const { schema } = database
  let asOfMs: number | undefined
  const value = await work({
    schema,
    async run(statements) {
      if (asOfMs !== undefined) return readTogether(database, statements)
      const [clock = [], ...answers] = await readTogether(database, [readClock(schema), ...statements])
      asOfMs = Number(clock[0]?.["now_ms"])
      return answers
    },
  })
  if (asOfMs === undefined) throw new Error("what informs has read nothing")
  return { value, asOf: new Date(asOfMs) }
}
