import type { AppliedLoad } from "../scenario.ts"
import { runClosedLoop, type Timed } from "./closed-loop.ts"
import { runOpenLoop } from "./open-loop.ts"

export interface Asking {
  readonly seconds: number
  /** Once it is aborted, nobody asks any more. */
  readonly stopping: AbortSignal
  /** Requests in all of a closed loop; as many as fit into the time if this is not given. */
  readonly asksMax?: number | undefined
  /** Given the caller in a closed loop, and the number of the request in an open one. */
  readonly ask: (index: number) => Promise<void>
}

export function applyLoad(load: AppliedLoad, { seconds, stopping, asksMax, ask }: Asking): Promise<Timed> {
  if (load.loop === "closed") return runClosedLoop({ callers: load.callers, seconds, stopping, asksMax, ask })
  return runOpenLoop({
    perSecond: load.perSecond,
    isOver: (elapsed) => elapsed >= seconds || stopping.aborted,
    ask,
  })
}
