/**
 * Puts together the journal rows of one transition, such as those of a basket's lines, in the order in which the
 * transitions of a batch were decided: of each level, its versions rise.
 */
import type { Change } from "./changes.ts"

/** The changes of one transition, by level. */
export type Transition = readonly Change[]

/** One journal row of it. */
interface Step {
  readonly change: Change
  readonly group: Group
  /** At the same level. */
  next: Step | null
}

/** A transition as it is put together. */
interface Group {
  readonly steps: Step[]
  /** Of its steps, those that are behind others of their level. */
  behind: number
}

/** @param changes what one statement wrote, in any order */
export function transitionsOf(changes: readonly Change[]): Transition[] {
  const firsts = stepsOf(changes)
  // A transition is next once all its changes are the first ones left of their levels. Some always is: they were decided one
  // after the other.
  const order: Group[] = []
  const offer = ({ group }: Step) => {
    group.behind -= 1
    if (group.behind === 0) order.push(group)
  }
  for (const first of firsts) offer(first)
  for (const { steps } of order) for (const { next } of steps) if (next) offer(next)
  if (order.reduce((sum, { steps }) => sum + steps.length, 0) !== changes.length) {
    throw new Error("the journal rows of a statement cannot have been decided one after the other")
  }
  return order.map(({ steps }) => steps.map(({ change }) => change))
}

/** @returns the first step of each level */
function stepsOf(changes: readonly Change[]): Step[] {
  const groups = new Map<string, Group[]>()
  const firsts: Step[] = []
  for (const level of Map.groupBy(changes, ({ levelId }) => levelId).values()) {
    let last: Step | null = null
    for (const change of level.sort((a, b) => a.version - b.version)) {
      const group = groupOf(groups, change)
      const step: Step = { change, group, next: null }
      group.steps.push(step)
      group.behind += 1
      if (last) last.next = step
      else firsts.push(step)
      last = step
    }
  }
  return firsts
}

/** Of each reservation and kind, the first row of each level belongs to the first transition, the second to the second. */
function groupOf(groups: Map<string, Group[]>, { levelId, reservationId, kind }: Change): Group {
  if (reservationId === null) return { steps: [], behind: 0 }
  const name = `${reservationId} ${kind}`
  const same = groups.get(name) ?? []
  if (same.length === 0) groups.set(name, same)
  // Levels come one after the other, so that only the last row of a transition can be of this one.
  let group = same.find(({ steps }) => steps.at(-1)?.change.levelId !== levelId)
  if (!group) {
    group = { steps: [], behind: 0 }
    same.push(group)
  }
  return group
}
