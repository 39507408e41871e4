import type { Logger } from "pino"
import { EarmarkError } from "../core/errors.ts"

/** A database that is away or not migrated fails pass after pass for one reason: the log should say it once. */
export function tellOncePerOutage(logger: Logger, what: string) {
  let told: string | undefined
  return {
    add(error: unknown) {
      const reason = error instanceof EarmarkError ? `${error.code} ${error.message}` : String(error)
      const level = reason === told ? "debug" : "warn"
      told = reason
      // A stack tells something only when nobody expected the error.
      const expected = error instanceof EarmarkError && error.code !== "internal"
      const why = expected ? { code: error.code, detail: error.message } : { err: error }
      logger[level](why, `${what} failed; going on`)
    },
    over() {
      if (told !== undefined) logger.info(`${what} works again`)
      told = undefined
    },
  }
}
