import { arrayOf } from "./statement.ts"

/** The UUIDs, and the first and the last of them. */
export type IdValues = [ids: string, firstId: string, lastId: string]

/**
 * Reservations lie in partitions by id, and a list of ids alone does not tell the planner which of them to leave alone:
 * the range does.
 */
export function idValues(ids: readonly string[]): IdValues {
  let [first = NONE, last = NONE] = [ids[0], ids[0]]
  for (const id of ids) {
    if (id < first) first = id
    if (id > last) last = id
  }
  return [arrayOf(ids), first, last]
}

const NONE = "00000000-0000-0000-0000-000000000000"
