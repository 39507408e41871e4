/**
 * A program: Fastify as it comes, answering the request that is measured with an answer of the same size and nothing
 * behind it. The limit of whatever is built on it.
 */
import fastify from "fastify"

const ANSWER = {
  id: "rsv_0197c0de5f0a7000a1b2c3d4e5f60718",
  state: "held",
  customerId: "c-1",
  lines: [{ sku: "ITEM-0123abcd", location: "LAX", quantity: 1 }],
  ttlSeconds: 86_400,
  expiresAt: "2026-07-02T12:00:00.000Z",
  createdAt: "2026-07-01T12:00:00.000Z",
  updatedAt: "2026-07-01T12:00:00.000Z",
  reference: null,
  metadata: {},
  durability: "durable",
}

const server = fastify()
server.post("/v1/reservations", async (_request, reply) => {
  reply.code(201)
  return ANSWER
})
const url = await server.listen({ host: "127.0.0.1", port: 0 })
process.stdout.write(`listening on ${url}\n`)

const stop = () => process.exit()
process.once("SIGTERM", stop)
// Whoever started it has gone.
process.stdin.once("end", stop).resume()
