import { expect, test } from "vitest"
import { EarmarkError } from "../core/errors.ts"
import {
  type FaultKind,
  faultKind,
  faultReason,
  isOrdinary,
  TransactionFault,
  toEarmarkError,
} from "./faults.ts"

/** As a server says it, in whatever language its messages are. */
function said(code: string, constraint?: string): Error {
  return Object.assign(new Error("…"), { code, severity: "ОШИБКА", ...(constraint ? { constraint } : {}) })
}
const broken = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })

test.each<[what: string, cause: Error, beforeCommit: FaultKind, commitOpen: FaultKind]>([
  ["serialization failure", said("40001"), "retry", "retry"],
  ["deadlock", said("40P01"), "retry", "retry"],
  ["a closed period", said("40001", "periods_closed"), "retry", "retry"],
  ["a twin's key", said("23505", "idempotency_keys_p1_pkey"), "retry", "retry"],
  ["a twin's key years later", said("23505", "idempotency_keys_p120_pkey"), "retry", "retry"],
  ["a twin's adjustment", said("23505", "adjustments_idempotency_key"), "retry", "retry"],
  ["a version that is taken", said("23505", "journal_p2_pkey"), "retry", "retry"],
  ["an id that is taken", said("23505", "reservations_p1_pkey"), "retry", "retry"],
  ["an id of no period that is taken", said("23505", "reservations_rest_pkey"), "retry", "retry"],
  ["a unique index that looks like a partition's", said("23505", "orders_p1_pkey"), "broken", "broken"],
  ["a unique index without a name", said("23505"), "broken", "broken"],
  ["another unique index", said("23505", "some_index_of_the_caller"), "broken", "broken"],
  ["a check", said("23514", "stock_levels_held_check"), "broken", "broken"],
  ["lock time-out", said("55P03"), "busy", "busy"],
  ["statement time-out", said("57014"), "busy", "busy"],
  ["not migrated", said("42P01"), "busy", "busy"],
  ["disk full", said("53100"), "busy", "unknown"],
  ["a file that cannot be written", said("58030"), "broken", "unknown"],
  ["killed by an administrator", said("57P01"), "unavailable", "unknown"],
  ["a crash of another backend", said("57P02"), "unavailable", "unknown"],
  ["starting up", said("57P03"), "unavailable", "unknown"],
  ["idle in transaction for too long", said("25P03"), "unavailable", "unknown"],
  ["a broken connection", broken, "unavailable", "unknown"],
  ["a pool that gives no connection", new Error("timeout exceeded"), "unavailable", "unknown"],
])("%s", (_, cause, beforeCommit, commitOpen) => {
  expect(faultKind(new TransactionFault(cause, false))).toBe(beforeCommit)
  expect(faultKind(new TransactionFault(cause, true))).toBe(commitOpen)
})

test("a mistake of ours is not taken for the database's", () => {
  expect(faultKind(new TypeError("x is not a function"))).toBe("broken")
})

test("a connection is used again only when the server has answered on it and has not ended it", () => {
  expect([said("40001"), said("57P01"), broken].map(isOrdinary)).toEqual([true, false, false])
})

test("only an open commit leaves the caller in doubt", () => {
  const kinds: FaultKind[] = ["retry", "busy", "unavailable", "unknown", "broken"]
  const told = kinds
    .map((kind) => toEarmarkError(broken, kind))
    .map(({ code, notApplied }) => [code, notApplied])
  expect(told).toEqual([
    ["unavailable", true],
    ["unavailable", true],
    ["unavailable", true],
    ["outcome_unknown", false],
    ["internal", true],
  ])
  const own = new EarmarkError("not_found", "as it is")
  expect(toEarmarkError(own, "broken")).toBe(own)
})

test("reasons are SQLSTATEs, or the connection", () => {
  expect([said("40P01"), new TransactionFault(said("55P03"), false), broken].map(faultReason)).toEqual([
    "40P01",
    "55P03",
    "connection",
  ])
})
