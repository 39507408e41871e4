import { afterEach, describe, expect, test } from "vitest"
import { EarmarkError, ERRORS, type ErrorCode } from "../../src/core/errors.ts"
import type { Engine } from "../../src/index.ts"
import { createLogger } from "../../src/telemetry/log.ts"
import { createTestService, problem, type TestService, type TestServiceOptions } from "./service.ts"

let service: TestService | undefined
afterEach(() => service?.close())

const BODY = { lines: [{ sku: "MUG", quantity: 1 }] }

/** A service whose engine throws this instead of reserving. */
async function throwing(error: unknown, options: TestServiceOptions = {}): Promise<TestService> {
  const reserve = () => Promise.reject(error)
  service = await createTestService({ ...options, wrap: (engine: Engine) => ({ ...engine, reserve }) })
  return service
}
const reserve = (from: TestService) => from.call("POST", "/v1/reservations", { body: BODY })

describe("a fault of the engine", () => {
  test("that changed nothing is 503 with Outcome: not-applied", async () => {
    const answer = await reserve(
      await throwing(new EarmarkError("unavailable", "No connection.", { notApplied: true })),
    )
    expect(answer).toMatchObject(problem(503, "unavailable", { detail: "No connection." }))
    expect(answer.headers).toMatchObject({ "retry-after": "1", outcome: "not-applied" })
  })

  test("that may have changed something is 503 without it", async () => {
    const unsure = await reserve(await throwing(new EarmarkError("unavailable", "Timed out.")))
    expect(unsure).toMatchObject(problem(503, "unavailable"))
    expect(unsure.headers["retry-after"]).toBe("1")
    expect(unsure.headers["outcome"]).toBeUndefined()
  })

  test("whose outcome is unknown never claims that nothing changed", async () => {
    const error = new EarmarkError("outcome_unknown", "The database went away.", { notApplied: true })
    const answer = await reserve(await throwing(error))
    expect(answer).toMatchObject(problem(503, "outcome_unknown"))
    expect(answer.headers["retry-after"]).toBe("1")
    expect(answer.headers["outcome"]).toBeUndefined()
  })

  test("has the status and the title of its code", async () => {
    let code: ErrorCode = "unavailable"
    const fail = () => Promise.reject(new EarmarkError(code, "Said so."))
    service = await createTestService({ wrap: (engine: Engine) => ({ ...engine, reserve: fail }) })
    for (code of Object.keys(ERRORS) as ErrorCode[]) {
      const { status, title } = ERRORS[code]
      expect(await reserve(service), code).toMatchObject(problem(status, code, { title, detail: "Said so." }))
    }
  })
})

describe("a fault that was expected", () => {
  test("is logged in one line, without a stack", async () => {
    const lines: string[] = []
    const logger = createLogger("info", { write: (line: string) => void lines.push(line) })
    const answer = await reserve(
      await throwing(new EarmarkError("unavailable", "No connection."), { logger }),
    )
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: "error",
        time: expect.any(String),
        requestId: answer.body.requestId,
        method: "POST",
        route: "/v1/reservations",
        status: 503,
        code: "unavailable",
        detail: "No connection.",
        msg: "request failed",
      },
    ])
  })
})

describe("an exception that nobody expected", () => {
  test("is 500, tells nothing of the inside, and is logged with its stack", async () => {
    for (const error of [
      new TypeError("secret of the inside"),
      "secret of the inside",
      undefined,
      { code: "23505" },
    ]) {
      const lines: string[] = []
      const logger = createLogger("info", { write: (line: string) => void lines.push(line) })
      const answer = await reserve(await throwing(error, { logger }))
      expect(answer).toMatchObject(problem(500, "internal"))
      expect(answer.headers["outcome"]).toBeUndefined()
      expect(JSON.stringify(answer)).not.toMatch(/secret|TypeError|at /)
      const [line] = lines.map((text) => JSON.parse(text))
      expect(lines).toHaveLength(1)
      expect(line).toMatchObject({ level: "error", code: "internal", requestId: answer.body.requestId })
      if (error instanceof Error)
        expect(line.err).toMatchObject({ type: "TypeError", stack: expect.stringContaining("at ") })
      await service?.close()
    }
    service = undefined
  })
})
