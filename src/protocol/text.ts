/** Text, codes and URLs as callers may send them. */
import { z } from "zod"
import { CODE_LENGTH_MAX, CODE_PATTERN, TEXT_LENGTH_MAX, URL_LENGTH_MAX } from "../core/limits.ts"
import { orRequired } from "./input-errors.ts"

/** C0, DEL and C1: they break log lines and terminals, and Postgres cannot store U+0000 at all. */
const CONTROL_CHARACTER = /\p{Cc}/u

/**
 * Text of a bounded length. A character is a Unicode code point, as in JSON Schema's `maxLength` and in Postgres'
 * `char_length`: 255 emoji fit where 255 letters do.
 */
export function text({ min, max }: { readonly min: number; readonly max: number }) {
  const expected = `must be text of ${min === 0 ? "at most" : `${min} to`} ${max} characters, without control characters or lone surrogates`
  return z
    .string({ error: orRequired(expected) })
    .refine((value) => isPlainText(value) && value.length >= min && !isLongerThan(value, max), {
      error: expected,
    })
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max })
}

/** A name or an id: there is something in it. */
export const nameText = text({ min: 1, max: TEXT_LENGTH_MAX })
/** A remark such as a reference or a reason: it may be empty. */
export const remarkText = text({ min: 0, max: TEXT_LENGTH_MAX })

const CODE_EXPECTED = `must be 1 to ${CODE_LENGTH_MAX} characters of A-Z a-z 0-9 . _ - and begin with a letter or digit`

/** A sku or the code of a location. */
export const code = z
  .string({ error: orRequired(CODE_EXPECTED) })
  .max(CODE_LENGTH_MAX, { error: CODE_EXPECTED })
  .regex(CODE_PATTERN, { error: CODE_EXPECTED })

const URL_EXPECTED = `must be an http or https URL of at most ${URL_LENGTH_MAX} characters`

export const imageUrl = z
  .string({ error: orRequired(URL_EXPECTED) })
  .refine(isHttpUrl, { error: URL_EXPECTED })
  .meta({ format: "uri", maxLength: URL_LENGTH_MAX })

/** No control characters and no lone surrogates. */
export function isPlainText(value: string): boolean {
  return value.isWellFormed() && !CONTROL_CHARACTER.test(value)
}

function isHttpUrl(value: string): boolean {
  // The URL parser drops white space and mends a missing slash in silence: what is stored must be a URL as it stands.
  return (
    isPlainText(value) &&
    !isLongerThan(value, URL_LENGTH_MAX) &&
    /^https?:\/\/\S+$/i.test(value) &&
    URL.canParse(value)
  )
}

function isLongerThan(value: string, max: number): boolean {
  // At most two UTF-16 units make a character, so most answers need no counting.
  if (value.length <= max) return false
  if (value.length > 2 * max) return true
  let characters = 0
  for (const _ of value) characters += 1
  return characters > max
}
