/**
 * An endpoint of a webhook in a process of its own: notes what comes in the file that it is given, a line each, and says that
 * it is well.
 */
import { createWriteStream } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const file = createWriteStream(process.argv[2] ?? "", { flags: "a" })

const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  file.write(`${Buffer.concat(parts)}\n`)
  response.writeHead(204).end()
})
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.once("SIGTERM", () => process.exit(0))
