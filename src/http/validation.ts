/** Validates each part of a request once, with the schemas that the OpenAPI document is made of. */
import type { FastifySchemaCompiler } from "fastify"
import type { z } from "zod"
import { invalidInput } from "../protocol/input-errors.ts"

const ROOT_POINTER: Record<string, string> = { body: "", querystring: "/query", params: "/params" }

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = "body" }) => {
  // Header schemas are there for the document; the only header with a value of ours is read where it is needed.
  if (httpPart === "headers") return () => true
  const root = ROOT_POINTER[httpPart] ?? ""
  return (data: unknown) => {
    // Fastify turns a missing body into null; a body that says null never comes this far.
    const result = schema.safeParse(httpPart === "body" && data === null ? undefined : data)
    if (result.success) return { value: result.data }
    return { error: invalidInput(result.error.issues, root) }
  }
}
