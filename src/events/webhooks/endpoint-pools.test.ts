import type { Socket } from "node:net"
import { afterEach, describe, expect, test, vi } from "vitest"
import type { EndpointServer } from "../../../tests/support/endpoint-server.ts"
import { closeAll, endpoint, MESSAGE, response, secrets, senderWith } from "../../../tests/support/sending.ts"
import { addressGuard } from "./address-guard.ts"
import { EndpointPools } from "./endpoint-pools.ts"

afterEach(closeAll)

test("the connections of an endpoint that was not used for long are closed", async () => {
  const pools = new EndpointPools({ guard: addressGuard([]), timeoutMs: 1000 })
  const url = new URL("https://hooks.example/in")
  const first = pools.of("wh_0", url)
  const second = pools.of("wh_1", url)
  for (let number = 2; number < 1000; number++) pools.of(`wh_${number}`, url)
  expect(pools.of("wh_0", url)).toBe(first)
  pools.of("wh_1000", url)
  expect(second.closed).toBe(true)
  expect(first.closed).toBe(false)
  expect(pools.of("wh_0", url)).toBe(first)
  // Another place is another pool, or a message would go where the endpoint was before.
  expect(pools.of("wh_0", new URL("https://hooks.example:8443/in"))).not.toBe(first)
  await pools.close()
  expect(first.closed).toBe(true)
  expect(() => pools.of("wh_0", url)).toThrow()
})

describe("connections", () => {
  const urlOf = (server: EndpointServer) => `http://127.0.0.1:${server.port}/`

  test("are used again", async () => {
    const server = await endpoint((socket) => socket.write(response(200)))
    const sender = senderWith()
    for (const _ of Array(5)) await sender.send({ id: "wh_1", url: urlOf(server), secrets }, MESSAGE)
    expect(server.requests).toHaveLength(5)
    // A second is opened while the first is not quite done with its answer.
    expect(server.connections()).toBeLessThanOrEqual(2)
  })

  test("are at most four for an endpoint, and none waits for those of another", async () => {
    const held: Socket[] = []
    const server = await endpoint((socket, { line }) => {
      if (line.startsWith("POST /slow")) held.push(socket)
      else socket.write(response(200))
    })
    const sender = senderWith()
    const slow = { id: "wh_slow", url: `${urlOf(server)}slow`, secrets }
    const results = Array.from({ length: 10 }, () => sender.send(slow, MESSAGE))
    await vi.waitFor(() => expect(held).toHaveLength(4))
    const other = await sender.send({ id: "wh_2", url: urlOf(server), secrets }, MESSAGE)
    expect(other.kind).toBe("delivered")
    expect(held).toHaveLength(4)
    expect(server.connections()).toBe(5)
    while (server.requests.length < 11 || held.length > 0) {
      for (const socket of held.splice(0)) socket.write(response(200))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await Promise.all(results)).every(({ kind }) => kind === "delivered")).toBe(true)
    expect(server.connections()).toBe(5)
  })

  test("are closed when what is under way is over, and nothing follows", async () => {
    let held: Socket | undefined
    const server = await endpoint((socket) => {
      held = socket
    })
    const sender = senderWith()
    const endpointOf = { id: "wh_1", url: urlOf(server), secrets }
    const sent = sender.send(endpointOf, MESSAGE)
    await vi.waitFor(() => expect(held).toBeDefined())
    let isClosed = false
    const closed = sender.close().then(() => {
      isClosed = true
    })
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    held?.write(response(200))
    expect((await sent).kind).toBe("delivered")
    await closed
    await vi.waitFor(() => expect(server.open()).toBe(0))
    await expect(sender.send(endpointOf, MESSAGE)).rejects.toThrow()
  })
})
