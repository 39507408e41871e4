/**
 * The circuit breaker of one endpoint: when attempts keep failing, whatever the message, the endpoint is left alone for a
 * while and then tried with a single one. It spares the endpoint a flood while it comes up, and the worker the time that
 * attempts at a dead one take.
 */

/** So many failures in a row are no accident; an endpoint that refuses one message answers others between. */
const FAILURES_MAX = 5
/** Doubled with each opening in a row, up to the longest: an endpoint that is well again waits a quarter of an hour at most. */
const OPEN_MIN_MS = 30_000
const OPEN_MAX_MS = 900_000
/** A probe that nobody has reported by then is lost, with the worker that made it: four times the bound of an attempt. */
const PROBE_LOST_MS = 60_000

export interface Circuit {
  readonly state: "closed" | "open" | "half_open"
  /** In a row. */
  readonly failures: number
  /** In a row, without a success between. */
  readonly openings: number
  /** Open: when it may be probed. Half-open: when the probe is lost. Closed: 0. */
  readonly untilMs: number
}

/** A circuit as an event meets it: `brink` is one failure from opening, `due` is one whose time is up. */
type Situation = "closed" | "brink" | "open" | "due" | "half_open"

/** Somebody asks to attempt, or reports how an attempt went. Reports may be of attempts from before it opened. */
export type CircuitEvent = "ask" | "success" | "failure"

/** To those who ask, whether they may attempt; a probe is an attempt that no other runs beside. */
export type CircuitAnswer = "attempt" | "probe" | "wait" | "noted"

type Change = "stay" | "count" | "close" | "open" | "probe"

interface Step {
  readonly change: Change
  readonly answer: CircuitAnswer
}

/** Every situation times every event has a written answer; there is no other transition anywhere. */
const STEPS: Record<Situation, Record<CircuitEvent, Step>> = {
  closed: {
    ask: { change: "stay", answer: "attempt" },
    success: { change: "close", answer: "noted" },
    failure: { change: "count", answer: "noted" },
  },
  brink: {
    ask: { change: "stay", answer: "attempt" },
    success: { change: "close", answer: "noted" },
    failure: { change: "open", answer: "noted" },
  },
  open: {
    ask: { change: "stay", answer: "wait" },
    success: { change: "close", answer: "noted" },
    // It began before: that the endpoint was down then is known.
    failure: { change: "stay", answer: "noted" },
  },
  due: {
    ask: { change: "probe", answer: "probe" },
    success: { change: "close", answer: "noted" },
    // Late, and news all the same: the endpoint has just failed again.
    failure: { change: "open", answer: "noted" },
  },
  half_open: {
    ask: { change: "stay", answer: "wait" },
    success: { change: "close", answer: "noted" },
    failure: { change: "open", answer: "noted" },
  },
}

export const CLOSED: Circuit = { state: "closed", failures: 0, openings: 0, untilMs: 0 }

export interface Stepped {
  /** The same object when nothing changed. */
  readonly circuit: Circuit
  readonly answer: CircuitAnswer
}

export function stepCircuit(circuit: Circuit, event: CircuitEvent, nowMs: number): Stepped {
  const { change, answer } = STEPS[situationOf(circuit, nowMs)][event]
  return { circuit: changed(circuit, change, nowMs), answer }
}

function situationOf({ state, failures, untilMs }: Circuit, nowMs: number): Situation {
  if (state === "closed") return failures >= FAILURES_MAX - 1 ? "brink" : "closed"
  return nowMs >= untilMs ? "due" : state
}

function changed(circuit: Circuit, change: Change, nowMs: number): Circuit {
  const failures = circuit.failures + 1
  const openings = circuit.openings + 1
  switch (change) {
    case "stay":
      return circuit
    case "count":
      return { ...circuit, failures }
    case "close":
      return circuit.failures === 0 ? circuit : CLOSED
    case "open":
      return { state: "open", failures, openings, untilMs: nowMs + openMs(openings) }
    case "probe":
      return { ...circuit, state: "half_open", untilMs: nowMs + PROBE_LOST_MS }
  }
}

function openMs(openings: number): number {
  return Math.min(OPEN_MIN_MS * 2 ** (openings - 1), OPEN_MAX_MS)
}
