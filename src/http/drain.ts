/** How a server comes to its end without losing an answer: what was accepted is answered, and nobody can hold it up. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Server as NetServer, type Socket } from "node:net"

/**
 * A connection without a request stays open that long: whoever just sends one on it reads that we are shutting down,
 * instead of losing it to a reset. Callers under load send within it, and whoever waits for the stop does not mind.
 */
const GRACE_MS = 1_000

/**
 * From the begin to the last connection: above the 12 s that a request may wait and be tried again, and far enough
 * below the 20 s that the process has for the rest of it to stop too.
 */
const DRAIN_MS_MAX = 14_000

export interface Drain {
  readonly begun: boolean
  /** Accepts no more connections. Resolves when none is left. */
  run(): Promise<void>
  /** True when nothing is to be sent on this connection after the answer, so that the answer should say so. */
  isLast(response: ServerResponse): boolean
}

export function drainOf(server: Server): Drain {
  /** The answers that are owed on each connection, in the order in which they will be sent. */
  const owed = new Map<Socket, Set<ServerResponse>>()
  const ended = Promise.withResolvers<void>()
  let state: "serving" | "grace" | "finishing" = "serving"

  server.on("connection", (socket: Socket) => {
    owed.set(socket, new Set())
    socket.once("close", () => {
      owed.delete(socket)
      if (state !== "serving" && owed.size === 0) ended.resolve()
    })
  })
  const track = (request: IncomingMessage, response: ServerResponse) => {
    const responses = owed.get(request.socket)
    if (!responses) return
    if (state !== "serving") response.setHeader("connection", "close")
    responses.add(response)
    // One listener for all of them: a closure each would be a tenth of what is done for a request.
    response.on("close", forget)
  }
  function forget(this: ServerResponse): void {
    const { socket } = this.req
    const responses = owed.get(socket)
    responses?.delete(this)
    // Half a request behind the last whole one would keep the connection open for as long as it likes.
    if (state === "finishing" && responses && !carriesAccepted(responses)) socket.destroySoon()
  }
  // Before Fastify's own listener, which may answer at once.
  server.prependListener("request", track)
  server.prependListener("checkExpectation", track)

  const goneWithin = async (ms: number) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([ended.promise, late])
    clearTimeout(timer)
  }

  return {
    get begun() {
      return state !== "serving"
    },
    async run() {
      state = "grace"
      // Not the method of the HTTP server: that one closes idle connections too, and at once.
      if (server.listening) NetServer.prototype.close.call(server)
      if (owed.size === 0) return
      await goneWithin(GRACE_MS)
      state = "finishing"
      for (const [socket, responses] of owed) if (!carriesAccepted(responses)) socket.destroy()
      await goneWithin(DRAIN_MS_MAX - GRACE_MS)
      for (const socket of owed.keys()) socket.destroy()
    },
    isLast: (response) => [...(owed.get(response.req.socket) ?? [])].at(-1) === response,
  }
}

/** Accepted is what was received to its last byte: of anything less, nothing has been carried out. */
function carriesAccepted(responses: Iterable<ServerResponse>): boolean {
  for (const { req } of responses) if (req.complete) return true
  return false
}
