import { EarmarkError } from "../../core/errors.ts"
import { PAGE_LIMIT_DEFAULT } from "../../core/limits.ts"
import type { Page, PageRequest } from "../../engine/views.ts"

/** Opaque to callers: the key of the last row that they were given. */
export function encodeCursor(list: string, key: string): string {
  return Buffer.from(JSON.stringify([list, key])).toString("base64url")
}

/** @param list the list that the cursor must come from: one of another list is as wrong as a broken one */
export function decodeCursor(
  list: string,
  cursor: string | undefined,
  valid: (key: string) => boolean,
): string | null {
  if (cursor === undefined) return null
  const key = parse(cursor, list)
  if (key !== null && valid(key) && encodeCursor(list, key) === cursor) return key
  const message = "must be a nextCursor that this list has given"
  throw new EarmarkError("invalid_request", `cursor ${message}`, {
    notApplied: true,
    errors: [{ pointer: "/query/cursor", message }],
  })
}

function parse(cursor: string, list: string): string | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"))
    if (!Array.isArray(parsed) || parsed.length !== 2) return null
    const [from, key] = parsed as [unknown, unknown]
    return from === list && typeof key === "string" ? key : null
  } catch {
    return null
  }
}

export function limitOf(request: PageRequest): number {
  return request.limit ?? PAGE_LIMIT_DEFAULT
}

/** @param rows up to one more than the limit: the one too many says that there is a next page */
export function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  return { data, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
