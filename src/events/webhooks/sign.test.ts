import { Webhook } from "standardwebhooks"
import { describe, expect, test } from "vitest"
import { generateSecret, parseSecret, type SigningSecret, signatureHeaders } from "./sign.ts"

const OLD = generateSecret()
const NEW = generateSecret()
const BODIES = [
  '{"type":"reservation.held"}',
  '{"name":"Tasse „Grüße“ 🫖 é \u202e","nul":"\\u0000"}',
  "[]",
  `{"long":"${"ü".repeat(40_000)}"}`,
]

function secretOf(text: string): SigningSecret {
  const parsed = parseSecret(text)
  if ("problem" in parsed) throw new Error(parsed.problem)
  return parsed.value
}

function headersOf(body: string, secrets: readonly [string, ...string[]], agoSeconds = 0) {
  const timestampSeconds = Math.floor(Date.now() / 1000) - agoSeconds
  const [first, ...others] = secrets
  const keys = [secretOf(first), ...others.map(secretOf)] as const
  return signatureHeaders({ id: "evt_0198-a", timestampSeconds, body: Buffer.from(body) }, keys)
}

describe("an independent verifier", () => {
  test.each(BODIES)("accepts %.40s", (body) => {
    expect(new Webhook(NEW).verify(body, headersOf(body, [NEW]))).toEqual(JSON.parse(body))
  })

  test.each([OLD, NEW])("accepts either secret while one is being replaced", (known) => {
    const headers = headersOf("[]", [NEW, OLD])
    expect(headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/)
    expect(new Webhook(known).verify("[]", headers)).toEqual([])
  })

  test("refuses what was changed on the way", () => {
    const body = '{"quantity":1}'
    const headers = headersOf(body, [NEW, OLD])
    const refuses = (text: string, changed: Record<string, string>, secret = NEW) =>
      expect(() => new Webhook(secret).verify(text, { ...headers, ...changed })).toThrow(
        "No matching signature",
      )
    refuses('{"quantity":2}', {})
    refuses(body, { "webhook-id": "evt_0198-b" })
    refuses(body, { "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 1) })
    refuses(body, { "webhook-signature": headersOf(body, [generateSecret()])["webhook-signature"] })
    refuses(body, {}, generateSecret())
  })

  test("refuses what is old", () => {
    const headers = headersOf("[]", [NEW], 600)
    expect(() => new Webhook(NEW).verify("[]", headers)).toThrow("too old")
  })
})

test("the example of the standard", () => {
  const secret = secretOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  const message = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestampSeconds: 1_614_265_330,
    body: Buffer.from('{"test": 2432232314}'),
  }
  expect(signatureHeaders(message, [secret])).toEqual({
    "webhook-id": message.id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  })
})

test("an id that could run into the timestamp is not signed", () => {
  const message = { id: "evt.1", timestampSeconds: 1, body: Buffer.from("") }
  expect(() => signatureHeaders(message, [secretOf(NEW)])).toThrow(RangeError)
  expect(() => signatureHeaders({ ...message, id: "evt", timestampSeconds: 1.5 }, [secretOf(NEW)])).toThrow(
    RangeError,
  )
})

describe("secrets", () => {
  const ofBytes = (count: number) => `whsec_${Buffer.alloc(count, 0xfb).toString("base64")}`

  test("are new each time, and can be parsed", () => {
    const made = Array.from({ length: 50 }, generateSecret)
    expect(new Set(made).size).toBe(50)
    for (const secret of made) expect(secretOf(secret).symmetricKeySize).toBe(32)
  })

  test.each([24, 25, 26, 64])("have %i bytes", (count) => {
    expect(secretOf(ofBytes(count)).symmetricKeySize).toBe(count)
  })

  test.each([
    ["no prefix", ofBytes(32).slice("whsec_".length), "must be whsec_ and the base64 of 24 to 64 bytes"],
    ["another prefix", ofBytes(32).replace("whsec_", "whsk_"), "must be whsec_"],
    ["nothing", "", "must be whsec_"],
    ["only the prefix", "whsec_", "these are 0"],
    ["too short", ofBytes(23), "these are 23"],
    ["too long", ofBytes(65), "these are 65"],
    ["base64url", ofBytes(32).replaceAll("+", "-"), "not base64"],
    ["no padding", ofBytes(32).replaceAll("=", ""), "not base64"],
    ["a line break", `${ofBytes(32)}\n`, "not base64"],
  ])("with a clear problem: %s", (_, text, problem) => {
    expect(parseSecret(text)).toEqual({ problem: expect.stringContaining(problem) })
  })

  test("do not show", () => {
    const secret = secretOf(NEW)
    const shown = JSON.stringify({ secret }) + String(secret)
    expect(shown).not.toContain(NEW.slice("whsec_".length, 20))
    expect(parseSecret(`${NEW}!`)).not.toEqual({ problem: expect.stringContaining(NEW.slice(6, 20)) })
  })
})
