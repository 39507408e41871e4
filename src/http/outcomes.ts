/** From an outcome of the engine to an answer: every success has its status here, every refusal in `core/errors.ts`. */
import type { FastifyReply } from "fastify"
import type {
  AdjustOutcome,
  ConfirmOutcome,
  ExtendOutcome,
  ReleaseOutcome,
  ReserveOutcome,
  SetSafetyStockOutcome,
} from "../core/commands.ts"
import { ERRORS, type ErrorCode } from "../core/errors.ts"
import type { PutItemOutcome, PutLocationOutcome } from "../engine/views.ts"
import { type Refusal, refusalTrouble, toProblem } from "./problems.ts"
import { itemToWire, locationToWire, reservationToWire, stockLevelToWire } from "./wire.ts"

type HttpOutcome =
  | ReserveOutcome
  | ConfirmOutcome
  | ReleaseOutcome
  | ExtendOutcome
  | AdjustOutcome
  | SetSafetyStockOutcome
  | PutItemOutcome
  | PutLocationOutcome

type SuccessName = Exclude<HttpOutcome["outcome"], ErrorCode>
type Success = HttpOutcome & { readonly outcome: SuccessName }

const SUCCESS_STATUS: Record<SuccessName, number> = {
  reserved: 201,
  replayed: 200,
  confirmed: 200,
  released: 200,
  expired: 200,
  extended: 200,
  adjusted: 201,
  made: 201,
  changed: 200,
}

/** Sets status and headers, and returns the body to be sent. */
export function answer(reply: FastifyReply, outcome: HttpOutcome): object {
  if (isRefusal(outcome)) return toProblem(reply, refusalTrouble(outcome))
  // Whatever is not a refusal is a success.
  const success = outcome as Success
  reply.code(SUCCESS_STATUS[success.outcome])
  if (success.outcome === "reserved") reply.header("location", `/v1/reservations/${success.reservation.id}`)
  if (success.outcome === "replayed") reply.header("idempotent-replayed", "true")
  return bodyOf(success)
}

function bodyOf(success: Success): object {
  if ("reservation" in success) return reservationToWire(success.reservation)
  if ("level" in success) return stockLevelToWire(success.level)
  if ("item" in success) return itemToWire(success.item)
  return locationToWire(success.location)
}

function isRefusal(outcome: HttpOutcome): outcome is HttpOutcome & Refusal {
  return Object.hasOwn(ERRORS, outcome.outcome)
}
