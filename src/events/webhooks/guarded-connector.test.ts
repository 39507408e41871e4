import { afterEach, describe, expect, test, vi } from "vitest"
import { selfSigned } from "../../../tests/support/self-signed.ts"
import {
  closeAll,
  endpoint,
  MESSAGE,
  response,
  SHORT_MS,
  secrets,
  senderWith,
  sendOnce,
} from "../../../tests/support/sending.ts"
import { addressGuard } from "./address-guard.ts"
import type { SenderOptions } from "./send.ts"

afterEach(async () => {
  vi.unstubAllEnvs()
  await closeAll()
})

describe("a name", () => {
  test("that does not exist: dns", async () => {
    const url = "https://hooks.invalid/"
    const result = await sendOnce(url)
    expect(result).toMatchObject({ kind: "unreachable", reason: "dns", status: null })
  })

  test("that is looked up for ever: timeout", async () => {
    const resolve = () => new Promise<never>(() => {})
    const url = "https://hooks.example/"
    const result = await senderWith({ resolve, timeoutMs: SHORT_MS }).send(
      { id: "wh_1", url, secrets },
      MESSAGE,
    )
    expect(result).toMatchObject({ kind: "unreachable", reason: "timeout", status: null })
  })

  test.each(["localhost", "LOCALHOST"])("%s is looked up by the system and refused", async (name) => {
    const server = await endpoint((socket) => socket.write(response(200)))
    const url = `https://${name}:${server.port}/`
    const result = await sendOnce(url, { guard: addressGuard([]) })
    expect(result).toMatchObject({ kind: "refused_address", status: null })
    expect(server.connections()).toBe(0)
  })

  test("that leads elsewhere the next time is refused then: what counts is what is connected to", async () => {
    const server = await endpoint((socket) => socket.end(response(200, ["connection: close"])), {
      host: "0.0.0.0",
    })
    const answers = ["127.0.0.1", "127.0.0.2", "169.254.169.254", "127.0.0.1"]
    const asked: string[] = []
    const resolve = async (hostname: string) => {
      asked.push(hostname)
      return [{ address: answers[asked.length - 1] ?? "", family: 4 }]
    }
    const sender = senderWith({ resolve })
    const url = `http://hooks.example:${server.port}/`
    const kinds: string[] = []
    for (const _ of answers) kinds.push((await sender.send({ id: "wh_1", url, secrets }, MESSAGE)).kind)
    expect(kinds).toEqual(["delivered", "refused_address", "refused_address", "delivered"])
    // One look-up for each attempt: there is no second answer between the look at an address and the connection.
    expect(asked).toHaveLength(answers.length)
    expect(server.connections()).toBe(2)
    expect(server.requests[0]?.headers["host"]).toBe(`hooks.example:${server.port}`)
  })
})

describe("TLS", () => {
  const guard = addressGuard(["127.0.0.1/32"])
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }]
  const certificate = selfSigned("hooks.example")

  async function sendOver(tls: typeof certificate, options: Partial<SenderOptions> & { host?: string } = {}) {
    const { host = "hooks.example", ...rest } = options
    const server = await endpoint((socket) => socket.write(response(200)), { tls })
    const sender = senderWith({ guard, resolve, ...rest })
    const result = await sender.send({ id: "wh_1", url: `https://${host}:${server.port}/`, secrets }, MESSAGE)
    return { ...result, requests: server.requests.length }
  }

  test("with a certificate that is trusted", async () => {
    const result = await sendOver(certificate, { ca: certificate.cert })
    expect(result).toMatchObject({ kind: "delivered", requests: 1 })
  })

  test("with one that signs itself", async () => {
    const result = await sendOver(certificate)
    expect(result).toMatchObject({ kind: "unreachable", reason: "tls", requests: 0 })
  })

  test("with one that signs itself, whatever the environment allows", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
    const result = await sendOver(certificate)
    expect(result).toMatchObject({ kind: "unreachable", reason: "tls", requests: 0 })
  })

  test("with one of another name", async () => {
    const result = await sendOver(certificate, { ca: certificate.cert, host: "other.example" })
    expect(result).toMatchObject({ kind: "unreachable", reason: "tls", requests: 0 })
  })

  test("with one that has expired", async () => {
    const expired = selfSigned("hooks.example", new Date(Date.now() - 86_400_000))
    const result = await sendOver(expired, { ca: expired.cert })
    expect(result).toMatchObject({ kind: "unreachable", reason: "tls", requests: 0 })
  })

  test("with nobody who speaks it", async () => {
    const server = await endpoint(() => {})
    const url = `https://127.0.0.1:${server.port}/`
    const result = await sendOnce(url, { timeoutMs: SHORT_MS })
    expect(result).toMatchObject({ kind: "unreachable", reason: "timeout", status: null })
  })

  test("with somebody who speaks plain HTTP", async () => {
    const server = await endpoint(() => {}, { greeting: response(200) })
    const url = `https://127.0.0.1:${server.port}/`
    const result = await sendOnce(url)
    expect(result).toMatchObject({ kind: "unreachable", reason: "tls", status: null })
  })

  test("with somebody who hangs up", async () => {
    const server = await endpoint(() => {}, { greeting: "" })
    const url = `https://127.0.0.1:${server.port}/`
    const result = await sendOnce(url)
    expect(result).toMatchObject({ kind: "unreachable", reason: "tls", status: null })
  })
})
