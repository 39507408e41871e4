import { z } from "zod"
import { orRequired } from "./input-errors.ts"

/** A JSON integer within bounds; text is never taken for a number. */
export function integer({ min, max }: { readonly min: number; readonly max: number }) {
  const error = orRequired(`must be an integer from ${min} to ${max}`)
  return z.int({ error }).min(min, { error }).max(max, { error })
}
