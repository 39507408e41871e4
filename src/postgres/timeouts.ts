/**
 * How long anything may take. Each bound lies inside the next, so that the innermost one speaks first and says exactly
 * what happened: a lock that is not given, then a statement that is stuck, then a server that has gone silent.
 */

/**
 * Waiting for a row lock. Above the server's `deadlock_timeout` (1 s by default), or a deadlock would never be told as
 * one and tried again; and short enough that a foreign session cannot stall checkout for long.
 */
export const LOCK_TIMEOUT_MS = 2000
/** One statement on the server. */
export const STATEMENT_TIMEOUT_MS = 4000
/** A transaction as the client sees it; after this the connection is destroyed, never reused. */
export const TRANSACTION_TIMEOUT_MS = 5000
/** What the server does with a transaction whose client has gone silent: it must give the row locks back. */
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 6000
/** Waiting for a connection from the pool, or for one to be made. */
export const CONNECT_TIMEOUT_MS = 3000
/** Waiting in a lane's queue before the first try. */
export const QUEUE_TIMEOUT_MS = 4000
/** From the first try to the last: what resolving an unknown outcome may take before the caller is told so. */
export const RETRY_BUDGET_MS = 8000
