/** The OpenAPI document, made from the schemas that validate, and a page to read it on. */
import swagger, { type SwaggerTransform, type SwaggerTransformObject } from "@fastify/swagger"
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod"
import { z } from "zod"
import { serveDocsPage } from "./docs-page.ts"
import type { HttpServer } from "./http-server.ts"
import type { DescribedResponse } from "./operation.ts"

const API_VERSION = "1.0.0"

const DESCRIPTION = `Sets units of stock aside for a buyer for a limited time, and never promises a unit twice.

Bodies are JSON; unknown members are refused. Errors are problem documents (RFC 9457): match on their \`code\`.
A 4xx, or a 503 with the header \`Outcome: not-applied\`, means that the request changed nothing. After any other
failure its outcome is unknown: repeat it with the same \`Idempotency-Key\`.`

const TAGS = [
  { name: "Items", description: "What is sold." },
  { name: "Locations", description: "Where units lie." },
  { name: "Stock", description: "How many units there are." },
  { name: "Hot items", description: "Which items Redis grants from memory." },
  { name: "Reservations", description: "Units set aside for a buyer." },
  { name: "Audit", description: "Who changed what, and why." },
  { name: "Events", description: "What happened." },
  { name: "Webhooks", description: "Endpoints that events are sent to." },
  {
    name: "Theatre",
    description:
      "A demonstration: flash sales that are played over a sandbox, beside real stock and never with it. Off unless " +
      "`EARMARK_THEATRE=1`, or `npm start`.",
  },
  { name: "Operation", description: "For whoever runs the service." },
]

/** To be called before the routes are added: it collects them. */
export async function serveOpenApi(server: HttpServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Earmark", version: API_VERSION, description: DESCRIPTION },
      tags: TAGS,
    },
    transform,
    transformObject,
  })
  await serveDocsPage(server)
  server.get("/openapi.json", { schema: { hide: true } }, () => server.swagger())
}

/** What zod says of a schema, less what a reader should not rely on or need not know. */
const zodToJsonConfig: Parameters<typeof createJsonSchemaTransform>[0]["zodToJsonConfig"] = {
  override({ zodSchema, jsonSchema }) {
    const { def } = zodSchema._zod
    // Answers may grow; only what is declared strict refuses unknown members.
    if (def.type === "object" && !("catchall" in def)) delete jsonSchema.additionalProperties
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  },
}
const jsonSchemaTransform = createJsonSchemaTransform({ zodToJsonConfig })
const jsonSchemaTransformObject = createJsonSchemaTransformObject({ zodToJsonConfig })

/** Marks an operation whose body may be left out; taken away again before anybody sees it. */
const OPTIONAL_BODY = "x-optional-body"

const transform: SwaggerTransform = (document) => {
  const { schema, url } = jsonSchemaTransform(document)
  const { body, response } = document.schema ?? {}
  if (body instanceof z.ZodType && body.safeParse(undefined).success)
    Object.assign(schema, { [OPTIONAL_BODY]: true })
  // The provider's transform leaves out the headers of an answer.
  for (const [status, { headers, content }] of Object.entries(
    (response ?? {}) as Record<string, DescribedResponse>,
  )) {
    const described = (schema.response as Record<string, object> | undefined)?.[status]
    if (described) Object.assign(described, { headers: structuredClone(headers) }, bodyOf(content))
  }
  return { schema, url }
}

/** An answer without a body has the type null for `@fastify/swagger`. */
function bodyOf(content: DescribedResponse["content"]): object {
  return Object.keys(content).length === 0 ? { type: "null", content: undefined } : {}
}

const transformObject: SwaggerTransformObject = (document) => {
  const object = jsonSchemaTransformObject(document)
  for (const path of Object.values(object.paths ?? {})) {
    for (const operation of Object.values(path ?? {})) {
      if (typeof operation !== "object" || operation === null || !(OPTIONAL_BODY in operation)) continue
      if ("requestBody" in operation) Object.assign(operation.requestBody ?? {}, { required: false })
      Reflect.deleteProperty(operation, OPTIONAL_BODY)
    }
  }
  if ("components" in object) dropUnusedSchemas(object.paths ?? {}, object.components?.schemas ?? {})
  return object
}

/** The provider writes every schema twice, as an input and as an output; most are only one of them. */
function dropUnusedSchemas(paths: object, schemas: Record<string, unknown>): void {
  const used = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      visit(schemas[name] ?? {})
    }
  }
  visit(paths)
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name]
}
