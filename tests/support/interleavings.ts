/** Every order in which two sessions can send their statements, by running each of them. */
import type { SteppedSession } from "./stepping.ts"

/** Decides at a choice point, where both sessions are ready, who goes on; `current` went on until here. */
export type Choose = (point: number, current: 0 | 1) => 0 | 1

export interface Interleaved<A, B> {
  readonly answers: readonly [A, B]
  /** What was chosen at each choice point. */
  readonly choices: readonly (0 | 1)[]
  /** The statements in the order in which they were sent, for the message of a failed test. */
  readonly trace: readonly string[]
}

/** Phases of an attempt: switching only between them is the coarse granularity. */
function phaseOf(statement: string): string {
  if (/^(begin|lock_|read_)/.test(statement)) return "load"
  if (statement.startsWith("overdue_")) return "overdue"
  return /^(commit|rollback)$/.test(statement) ? "end" : "write"
}

/** Where to switch: before every statement, or only where a phase begins. */
export type Granularity = "statement" | "phase"

function isSwitchPoint(session: SteppedSession, granularity: Granularity): boolean {
  if (granularity === "statement" || session.last === "" || session.next === "begin") return true
  return phaseOf(session.next) !== phaseOf(session.last)
}

/** Runs two operations, one on each session, in the order that `choose` gives. */
export async function interleave<A, B>(
  sessions: readonly [SteppedSession, SteppedSession],
  operations: readonly [() => Promise<A>, () => Promise<B>],
  { choose, granularity }: { choose: Choose; granularity: Granularity },
): Promise<Interleaved<A, B>> {
  const [first, second] = sessions
  const answers = Promise.all([first.start(operations[0]), second.start(operations[1])])
  // It is awaited below; until then a rejection must not count as unhandled.
  answers.catch(() => {})
  const choices: (0 | 1)[] = []
  const trace: string[] = []
  let current: 0 | 1 = 0
  for (;;) {
    const standing = [await first.settle(), await second.settle()] as const
    const ready = ([0, 1] as const).filter((index) => standing[index] === "ready")
    const [only] = ready
    if (only === undefined) {
      if (standing.includes("blocked") && !standing.includes("ended"))
        throw new Error(`deadlock: ${trace.join(", ")}`)
      if (standing.includes("blocked")) continue
      break
    }
    if (ready.length === 2) {
      current = choose(choices.length, current)
      choices.push(current)
    } else current = only
    const session = sessions[current] as SteppedSession
    do {
      trace.push(`${"AB"[current]}:${session.next}`)
      session.send()
    } while ((await session.settle()) === "ready" && !isSwitchPoint(session, granularity))
  }
  return { answers: await answers, choices, trace }
}

/**
 * Goes through the orders, those with the fewest switches first: most races need one or two. An order is the choices at
 * its first choice points; after them whoever runs goes on. Ends when there are no more orders.
 */
export class Orders {
  readonly #waiting: (readonly (0 | 1)[])[] = [[]]

  next(): readonly (0 | 1)[] | undefined {
    return this.#waiting.shift()
  }

  /** After an order was run: every order that leaves it at one later point. */
  ran(order: readonly (0 | 1)[], choices: readonly (0 | 1)[]): void {
    for (let point = order.length; point < choices.length; point += 1) {
      this.#waiting.push([...choices.slice(0, point), choices[point] === 0 ? 1 : 0])
    }
  }
}
