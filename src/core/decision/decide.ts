/**
 * The whole of what Earmark decides, as a pure function: commands in the order of their arrival, over a snapshot, give
 * one outcome each and the changes that make them true. It does no I/O and reads no clock; where the snapshot came
 * from, and how the changes are guarded while they are written, is the strategy's business.
 */
import type { Command, Outcome, OutcomeOf } from "../commands.ts"
import {
  decideAllot,
  decideCloseAllotment,
  decideGiveBack,
  decidePersist,
  decideRevokeLost,
} from "./allotment.ts"
import { type Decision, Draft, type Snapshot } from "./draft.ts"
import { decideHold } from "./hold.ts"
import { decideReserve } from "./reserve.ts"
import { decideAdjust, decideSafetyStock } from "./stock.ts"

export function decide<C extends Command>(snapshot: Snapshot, commands: readonly C[]): Decision<C> {
  const draft = new Draft(snapshot)
  const outcomes = commands.map((command) => {
    draft.book.origin = command.origin ?? null
    return decideOne(draft, command) as OutcomeOf<C>
  })
  return {
    outcomes,
    changes: draft.changes(),
    unsettledLevelIds: [...draft.unsettledLevelIds],
    shortAnywhereSkus: [...draft.shortAnywhereSkus],
  }
}

function decideOne(draft: Draft, command: Command): Outcome {
  switch (command.kind) {
    case "reserve":
      return decideReserve(draft, command)
    case "confirm":
    case "release":
    case "extend":
    case "expire":
      return decideHold(draft, command)
    case "adjust":
      return decideAdjust(draft, command)
    case "set_safety_stock":
      return decideSafetyStock(draft, command)
    case "allot":
      return decideAllot(draft, command)
    case "give_back":
      return decideGiveBack(draft, command)
    case "close_allotment":
      return decideCloseAllotment(draft, command)
    case "persist":
      return decidePersist(draft, command)
    case "revoke_lost":
      return decideRevokeLost(draft, command)
  }
}
