import { errors } from "undici"
import { expect, test } from "vitest"
import { EndpointFailure, failureOf } from "./endpoint-failure.ts"

test("what an endpoint says can be recorded, whatever it is", () => {
  const certificate = new EndpointFailure("tls", `altnames: DNS:\0\u001b[2JJ${"🫖".repeat(200)}`)
  const failure = failureOf(certificate)
  expect(failure).toMatchObject({ kind: "unreachable", reason: "tls" })
  expect(failure.detail).toMatch(/^altnames: DNS:\ufffd\ufffd\[2J/)
  expect(failure.detail.length).toBeLessThanOrEqual(200)
  expect(failure.detail.isWellFormed()).toBe(true)
})

test("an error that nobody knows is the endpoint's", () => {
  const reset = { kind: "unreachable", reason: "reset" }
  expect(failureOf(new Error("never seen"))).toEqual({ ...reset, detail: "never seen" })
  expect(failureOf(new TypeError(""))).toEqual({ ...reset, detail: "TypeError" })
  expect(failureOf("thrown")).toEqual({ ...reset, detail: "thrown" })
})

test.each([errors.InvalidArgumentError, errors.ClientClosedError, errors.ClientDestroyedError])(
  "%o is our own mistake",
  (Mistake) => {
    const mistake = new Mistake("ours")
    expect(() => failureOf(mistake)).toThrow(mistake)
  },
)
