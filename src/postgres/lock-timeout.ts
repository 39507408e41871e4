import { defineStatement } from "./statement.ts"

/** Until the transaction ends: waits for no lock longer than this, instead of the connection's own bound. */
export const setLockTimeout = defineStatement<[ms: string]>(
  "set_lock_timeout",
  "select set_config('lock_timeout', $1, true)",
)
