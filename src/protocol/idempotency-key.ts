import { z } from "zod"
import { nameText } from "./text.ts"

export const idempotencyKey = nameText

/** A quoted string as in RFC 8941: a quote or a backslash inside has a backslash before it. */
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/

const expected = 'must be a key, bare or in double quotes, in which " and \\ are written \\" and \\\\'

/** The value of the header `Idempotency-Key`: `abc` and `"abc"` are the same key. */
export const idempotencyKeyHeader = z
  .string({ error: expected })
  .transform((value, context) => {
    if (!value.startsWith('"')) return value
    const quoted = QUOTED.exec(value)?.[1]
    if (quoted !== undefined) return quoted.replace(/\\(["\\])/g, "$1")
    context.addIssue(expected)
    return z.NEVER
  })
  .pipe(idempotencyKey)
