/** Problem documents (RFC 9457): what every answer that is not 2xx carries. */
import { z } from "zod"
import { ERRORS, type ErrorCode } from "../core/errors.ts"

/** A URN, not a URL: it names the kind of problem, stays the same wherever the service runs, and dangles nowhere. */
export function problemType(code: ErrorCode): string {
  return `urn:earmark:error:${code}`
}

/** Where a refusal is explained. */
export const EXPLAIN_PATH = "/v1/reservations/explain"

const shortage = z.object({
  sku: z.string(),
  location: z.string().optional(),
  requested: z.int(),
  available: z.int(),
})

export const problem = z
  .object({
    type: z.string().meta({ description: "`urn:earmark:error:` and the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What happened, for people. Match on `code`, never on this." }),
    code: z.string().meta({ enum: Object.keys(ERRORS) }),
    requestId: z.string().meta({ description: "Also in the header `X-Request-Id`." }),
    errors: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "With `invalid_request`: a JSON pointer to each thing that is wrong." }),
    shortages: z.array(shortage).optional().meta({ description: "With `insufficient_stock`." }),
    explain: z.string().optional().meta({
      description: "With `insufficient_stock`: the path that says why, when the same body is sent there.",
    }),
  })
  .meta({
    id: "Problem",
    examples: [
      {
        type: problemType("insufficient_stock"),
        title: ERRORS.insufficient_stock.title,
        status: ERRORS.insufficient_stock.status,
        detail: "Too few units of MUG: 3 requested, 1 available.",
        code: "insufficient_stock",
        requestId: "9f1c2b7a-1",
        shortages: [{ sku: "MUG", requested: 3, available: 1 }],
        explain: EXPLAIN_PATH,
      },
    ],
  })
export type Problem = z.output<typeof problem>
export type Shortage = z.output<typeof shortage>
export type { ErrorCode, InputError } from "../core/errors.ts"
