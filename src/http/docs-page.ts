/** The page at `/docs`, to read the OpenAPI document on. */
import { createHash } from "node:crypto"
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { invalidRequest } from "../protocol/input-errors.ts"
import type { HttpServer } from "./http-server.ts"

const PREFIX = "/docs"
const PATHS = [PREFIX, `${PREFIX}/`, `${PREFIX}/js/scalar.js`]

/** Nothing is loaded from elsewhere or told to anybody: the page works without a network. */
const PAGE = {
  url: "/openapi.json",
  pageTitle: "Earmark API",
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
  proxyUrl: "",
} as const

export async function serveDocsPage(server: HttpServer): Promise<void> {
  await server.register((page, _options, registered) => {
    page.addHook("onRequest", (request, _reply, done) => {
      // The plugin makes a URL of the header `Host`, which is whatever the client sent.
      const wellFormed = URL.canParse(`http://${request.hostname}/`)
      const error = [{ pointer: "/headers/host", message: "must be a host name" }]
      done(wellFormed ? undefined : invalidRequest(error))
    })
    let plugin: Promise<FastifyInstance> | undefined
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      plugin ??= loadPlugin()
      return forward(await plugin, request, reply)
    }
    for (const path of PATHS) page.get(path, { schema: { hide: true } }, answer)
    registered()
  })
}

/** The script of the page takes 25 MB of memory, and most services are never asked for it: the first visit loads it. */
async function loadPlugin(): Promise<FastifyInstance> {
  const { default: scalar } = await import("@scalar/fastify-api-reference")
  const server = fastify()
  await server.register(scalar, { routePrefix: PREFIX, configuration: PAGE })
  return server
}

async function forward(plugin: FastifyInstance, { url, headers }: FastifyRequest, reply: FastifyReply) {
  const answer = await plugin.inject({ method: "GET", url, headers })
  reply.code(answer.statusCode)
  for (const name of ["content-type", "location"] as const) {
    const value = answer.headers[name]
    if (value !== undefined) reply.header(name, value)
  }
  if (answer.headers["content-type"]?.startsWith("text/html")) {
    reply.header("content-security-policy", policyOf(answer.payload))
  }
  return reply.send(answer.payload)
}

/** What a browser lets the page do: whatever its script tries, it reaches nothing but this service. */
function policyOf(page: string): string {
  const inline = [...page.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs)].map(
    ([, script = ""]) => {
      return `'sha256-${createHash("sha256").update(script).digest("base64")}'`
    },
  )
  return [
    "default-src 'none'",
    `script-src 'self' ${inline.join(" ")}`,
    // The script makes its style sheet itself.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
}
