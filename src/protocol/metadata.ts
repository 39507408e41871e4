/** Metadata: a note of the caller's own beside the record. Whatever is taken comes back as it was sent. */
import { z } from "zod"
import type { InputError } from "../core/errors.ts"
import { METADATA_BYTES_MAX } from "../core/limits.ts"
import type { Metadata } from "../core/model.ts"

/** Objects and arrays inside one another: deep enough for any note, and far from the end of any stack. */
export const METADATA_DEPTH_MAX = 32

const utf8 = new TextEncoder()

export const metadata = z
  .custom<Metadata>()
  .check((payload) => {
    const wrong = firstWrong(payload.value)
    if (!wrong) return
    payload.issues.push({ code: "custom", message: wrong.message, path: wrong.path, input: payload.value })
  })
  .meta({
    type: "object",
    additionalProperties: true,
    description: `Any JSON object of at most ${METADATA_BYTES_MAX} bytes as UTF-8 JSON, at most ${METADATA_DEPTH_MAX} levels deep.`,
  })

type Path = (string | number)[]
type Wrong = Pick<InputError, "message"> & { readonly path: Path }

function firstWrong(value: unknown): Wrong | undefined {
  if (!isPlainObject(value)) return { path: [], message: "must be a JSON object" }
  const wrong = firstWrongInside(value, [])
  if (wrong) return wrong
  // A UTF-16 unit makes at most three bytes, so most answers need no encoding.
  const json = JSON.stringify(value)
  if (json.length * 3 <= METADATA_BYTES_MAX || utf8.encode(json).length <= METADATA_BYTES_MAX)
    return undefined
  return { path: [], message: `must be at most ${METADATA_BYTES_MAX} bytes as UTF-8 JSON` }
}

function firstWrongInside(value: object, path: Path): Wrong | undefined {
  if (path.length >= METADATA_DEPTH_MAX) {
    return { path, message: `must not be nested deeper than ${METADATA_DEPTH_MAX} levels` }
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const wrong = wrongValue(value[index], path, index)
      if (wrong) return wrong
    }
    return undefined
  }
  for (const [name, member] of Object.entries(value)) {
    // Copied with plain assignments somewhere down the line, this member would become a prototype.
    if (name === "__proto__") return { path: [...path, name], message: "must not be called __proto__" }
    if (!isStorableText(name))
      return { path, message: "must not have member names with U+0000 or a lone surrogate" }
    const wrong = wrongValue(member, path, name)
    if (wrong) return wrong
  }
  return undefined
}

function wrongValue(value: unknown, path: Path, step: string | number): Wrong | undefined {
  if (value === null || typeof value === "boolean") return undefined
  if (typeof value === "string") {
    if (isStorableText(value)) return undefined
    return { path: [...path, step], message: "must not contain U+0000 or a lone surrogate" }
  }
  if (typeof value === "number") {
    if (isExactNumber(value)) return undefined
    return {
      path: [...path, step],
      message: "must be a number that a double holds exactly: at most 2^53 - 1 if it is whole",
    }
  }
  if (Array.isArray(value) || isPlainObject(value)) return firstWrongInside(value, [...path, step])
  return { path: [...path, step], message: "must be a JSON value" }
}

/** Postgres raises on the rest. */
function isStorableText(value: string): boolean {
  return value.isWellFormed() && !value.includes("\u0000")
}

/** Beyond 2^53 - 1 JSON.parse rounds whole numbers in silence: what came back would not be what was sent. */
function isExactNumber(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
