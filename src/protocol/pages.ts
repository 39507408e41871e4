/** Lists: how much of one is asked for, and how it is answered. */
import { z } from "zod"
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "../core/limits.ts"
import { integer } from "./integer.ts"
import { text } from "./text.ts"

/** Characters of a cursor: ours are shorter by far, and a longer one need not be decoded to be refused. */
const CURSOR_LENGTH_MAX = 1024

const LIMIT_EXPECTED = `must be one whole number from 1 to ${PAGE_LIMIT_MAX}`
const WHOLE_NUMBER = /^[1-9][0-9]{0,8}$/

/** `limit` of a query string: digits and nothing else. */
const limitParameter = z
  .string({ error: LIMIT_EXPECTED })
  .transform((digits, context) => {
    const limit = WHOLE_NUMBER.test(digits) ? Number(digits) : 0
    if (limit >= 1 && limit <= PAGE_LIMIT_MAX) return limit
    context.addIssue(LIMIT_EXPECTED)
    return z.NEVER
  })
  .meta({ type: "integer", minimum: 1, maximum: PAGE_LIMIT_MAX })

const cursor = text({ min: 1, max: CURSOR_LENGTH_MAX }).meta({
  description: "`nextCursor` of the page before.",
  maxLength: CURSOR_LENGTH_MAX,
})

/** Of a query string: everything is text. */
export const pageQuery = {
  limit: limitParameter.optional().meta({ description: `${PAGE_LIMIT_DEFAULT} if not given.` }),
  cursor: cursor.optional(),
}
/** Of a library call. */
export const pageInput = {
  limit: integer({ min: 1, max: PAGE_LIMIT_MAX }).optional(),
  cursor: cursor.optional(),
}

export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    data: z.array(row),
    nextCursor: z.string().nullable().meta({ description: "Opaque; null at the end of the list." }),
  })
}
