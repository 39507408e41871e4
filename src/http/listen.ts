import type { FastifyInstance } from "fastify"
import { StartError } from "../core/errors.ts"
import { setUpYoungGeneration } from "./young-generation.ts"

export interface Address {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/** Fastify opens a second server for `localhost`, one for each address of it, which nothing of ours would know of. */
const LOCALHOST = "127.0.0.1"

/** Begins to listen and returns the URL under which the service can be reached from this machine. */
export async function listen(server: FastifyInstance, { host, port }: Address): Promise<string> {
  setUpYoungGeneration(server.server)
  try {
    await server.listen({ host: host === "localhost" ? LOCALHOST : host, port })
  } catch (error) {
    throw new StartError(reasonOf(error, { host, port }), { cause: error })
  }
  const bound = server.server.address()
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port
  return `http://${urlHost(host)}:${boundPort}`
}

function reasonOf(error: unknown, { host, port }: Address): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is taken by another program: stop it, or set PORT to another port (0 takes a free one).`
    case "EACCES":
      return `Port ${port} on ${host} is not allowed for this user: set PORT to one from 1024 on (0 takes a free one).`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine: set HOST to one that is, such as 127.0.0.1.`
    default:
      return `Listening on ${host} port ${port} failed: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** An address that stands for all of them cannot be visited; the machine's own can. */
function urlHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1"
  if (host === "::") return "[::1]"
  return host.includes(":") ? `[${host}]` : host
}
