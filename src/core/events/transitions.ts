/**
 * Puts together the journal rows of one transition, such as those of a basket's lines, in the order in which the
 * transitions of a batch were decided: of each level, its versions rise.
 */
import type { Change } from "./changes.ts"

/** The changes of one transition, by level. */
export type Transition = readonly Change[]

/** @param changes what one statement wrote, in any order */
export function transitionsOf(changes: readonly Change[]): Transition[] {
  const levels = [...Map.groupBy(changes, ({ levelId }) => levelId).values()].map(byVersion)
  const groupOf = grouped(levels)
  const after = new Map<Change, Change>()
  for (const level of levels) {
    for (const [index, change] of level.entries()) {
      const next = level[index + 1]
      if (next) after.set(change, next)
    }
  }
  // A transition is next once all its changes are the first ones left of their levels. Some always is: they were decided one
  // after the other.
  const order: Change[][] = []
  const missing = new Map<Change[], number>()
  const offer = (change: Change | undefined) => {
    if (!change) return
    const group = groupOf.get(change) as Change[]
    missing.set(group, (missing.get(group) ?? group.length) - 1)
    if (missing.get(group) === 0) order.push(group)
  }
  for (const [first] of levels) offer(first)
  for (const group of order) for (const change of group) offer(after.get(change))
  if (order.reduce((sum, group) => sum + group.length, 0) !== changes.length) {
    throw new Error("the journal rows of a statement cannot have been decided one after the other")
  }
  return order
}

/** Of each reservation and kind, the first row of each level belongs to the first transition, the second to the second. */
function grouped(levels: readonly (readonly Change[])[]): Map<Change, Change[]> {
  const groups = new Map<string, Change[]>()
  const groupOf = new Map<Change, Change[]>()
  for (const changes of levels) {
    const times = new Map<string, number>()
    for (const change of changes) {
      const { reservationId, kind } = change
      if (reservationId === null) {
        groupOf.set(change, [change])
        continue
      }
      const name = `${reservationId} ${kind}`
      const time = times.get(name) ?? 0
      times.set(name, time + 1)
      groupOf.set(change, push(groups, `${name} ${time}`, change))
    }
  }
  return groupOf
}

function push<K>(map: Map<K, Change[]>, key: K, change: Change): Change[] {
  const list = map.get(key) ?? []
  map.set(key, list)
  list.push(change)
  return list
}

function byVersion(changes: Change[]): Change[] {
  return changes.sort((a, b) => a.version - b.version)
}
