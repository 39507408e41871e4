/** What is wrong with an input, said the same way by the HTTP service and by the library. */
import type { z } from "zod"
import { EarmarkError, type InputError } from "../core/errors.ts"

/** Errors listed in one answer: a hostile body of 64 KiB can hold thousands, and nobody reads past the first few. */
const INPUT_ERRORS_LISTED_MAX = 20

/** What a schema says when its input is missing or is something else; `expected` begins with "must be". */
export function orRequired(expected: string): (issue: { readonly input?: unknown }) => string {
  return (issue) => (issue.input === undefined ? `is required and ${expected}` : expected)
}

/** Parses an input, or throws `invalid_request` with a pointer to each thing that is wrong. */
export function parseInput<Output>(schema: z.ZodType<Output>, input: unknown, root = ""): Output {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw invalidInput(result.error.issues, root)
}

export function invalidRequest(errors: readonly InputError[]): EarmarkError {
  return new EarmarkError("invalid_request", inputErrorDetail(errors), { notApplied: true, errors })
}

/** @param root the pointer of the value that was parsed: "" for a body, "/query" for a query string */
export function invalidInput(issues: readonly z.core.$ZodIssue[], root: string): EarmarkError {
  const errors = inputErrors(issues, root)
  const listed = errors.slice(0, INPUT_ERRORS_LISTED_MAX)
  const detail = inputErrorDetail(listed, errors.length)
  return new EarmarkError("invalid_request", detail, { notApplied: true, errors: listed })
}

/** All of them: a body has at most as many as it has bytes, and only a few of those are listed. */
function inputErrors(issues: readonly z.core.$ZodIssue[], root: string): InputError[] {
  // Two checks of one value may say the same of it.
  const errors = new Map<string, InputError>()
  for (const error of issues.flatMap((issue) => errorsOf(issue, root))) {
    errors.set(`${error.pointer} ${error.message}`, error)
  }
  return [...errors.values()]
}

function errorsOf(issue: z.core.$ZodIssue, root: string): InputError[] {
  const pointer = root + issue.path.map(pointerStep).join("")
  if (issue.code !== "unrecognized_keys") return [{ pointer, message: issue.message }]
  return issue.keys.map((key) => ({ pointer: pointer + pointerStep(key), message: "is not a known member" }))
}

/** One step of a JSON pointer (RFC 6901). */
function pointerStep(step: PropertyKey): string {
  return `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`
}

/** @param count of all errors, where not all of them are listed */
export function inputErrorDetail(errors: readonly InputError[], count = errors.length): string {
  const [first] = errors
  if (!first) return "The request is not valid."
  const subject = first.pointer === "" ? "The body" : first.pointer
  const more = count > 1 ? ` (and ${count - 1} more)` : ""
  return `${subject} ${first.message}${more}.`
}
