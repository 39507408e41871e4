/** Where each sink is in the feed, and what it would not take. */
import type { EarmarkEvent } from "../core/events/event.ts"
import type { RefusedEvent } from "./sink.ts"
import type { Page, PageRequest } from "./views.ts"

export interface SinkStore {
  /** Makes its place, unless it has one. */
  open(name: string, cursor: string): Promise<void>
  /** The place of a sink, which is this owner's alone for a while from now; null while it is another's. */
  claim(name: string, owner: string): Promise<string | null>
  /** Moves on, with what the sink refused put aside; false when the sink is another's by now, or was told to begin elsewhere. */
  move(name: string, owner: string, step: SinkStep): Promise<boolean>
  /** Notes why it does not move. */
  failed(name: string, owner: string, failure: string): Promise<void>
  release(name: string, owner: string): Promise<void>
  list(): Promise<readonly StoredSink[]>
  /** Begins again from another place; false when there is no such sink. */
  reset(name: string, cursor: string): Promise<boolean>
  /** Drops its place and what it refused; false when there is no such sink, or a relay has it. */
  forget(name: string): Promise<boolean>
  exists(name: string): Promise<boolean>
  /** What sinks refused for good, oldest first. */
  deadEvents(filter: DeadEventFilter): Promise<readonly DeadEvent[]>
  /** Of one sink, oldest first. */
  deadPage(sink: string, request: PageRequest): Promise<Page<DeadEvent>>
  /** Asks the relay to hand these on once more; returns how many there are. */
  askAgain(filter: Pick<DeadEventFilter, "sink" | "ids">): Promise<number>
  /** Of this sink, those that were asked for again. */
  askedAgain(name: string, limit: number): Promise<readonly DeadEvent[]>
  /** They were handed on; those that were refused once more stay, with the new reason. */
  settle(dead: readonly DeadEvent[], refused: readonly RefusedEvent[]): Promise<void>
}

export interface SinkStep {
  /** Where it was. */
  readonly from: string
  readonly cursor: string
  readonly refused: readonly RefusedEvent[]
}

export interface StoredSink {
  readonly name: string
  readonly cursor: string
  readonly movedAt: Date
  /** Why it does not move, and since when. */
  readonly failure: { readonly reason: string; readonly since: Date; readonly times: number } | null
  readonly deadEvents: number
  /** A webhook that is to be told of nothing at present. */
  readonly isDisabled: boolean
}

export interface DeadEventFilter {
  readonly sink?: string | undefined
  readonly ids?: readonly number[] | undefined
  readonly limit?: number | undefined
}

export interface DeadEvent {
  readonly id: number
  readonly sink: string
  readonly event: EarmarkEvent
  readonly reason: string
  readonly refusedAt: Date
}
