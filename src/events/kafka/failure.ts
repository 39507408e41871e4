/** What failures say: which are about the records themselves, so that they would be the same tomorrow, and what the others are. */
import { ProtocolError } from "@platformatic/kafka"

const REFUSALS: readonly unknown[] = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_RECORD"]

/** @returns why, or null when something else went wrong as well: then it is not known yet what will be refused */
export function refusalOf(error: unknown): string | null {
  const faults = faultsIn(error)
  const [first] = faults
  if (first === undefined || !faults.every(isRefusal)) return null
  return `Kafka answered ${(first as ProtocolError)["apiId"]}`
}

/** What an operator can act on: what went wrong in the last try, which the client tells only beneath what it tried. */
export function failureOf(error: unknown): string {
  const fault = faultsIn(error).at(-1)
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause instanceof Error ? `${fault.message} (${fault.cause.message})` : fault.message
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError && REFUSALS.includes(error["apiId"])
}

/** Several brokers may have answered, each about several partitions. */
function faultsIn(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(faultsIn) : [error]
}
