import { expect, test } from "vitest"
import { createLogger } from "./log.ts"

function logged(
  level: string,
  write: (logger: ReturnType<typeof createLogger>) => void,
): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLogger(level, { write: (line) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line))
}

test("a line is JSON with a level by name and a time in UTC", () => {
  expect(logged("info", (logger) => logger.info({ port: 8080 }, "listening"))).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      port: 8080,
      msg: "listening",
    },
  ])
})

test("what is below the level is not written", () => {
  expect(logged("warn", (logger) => logger.info("x"))).toEqual([])
  expect(logged("silent", (logger) => logger.fatal("x"))).toEqual([])
})

test("a credential is never written", () => {
  const headers = { authorization: "Bearer secret", cookie: "secret", host: "x" }
  const lines = logged("info", (logger) => {
    logger.info({ headers })
    logger.info({ req: { headers } })
    logger.info({ request: { headers } })
    logger.info({ authorization: "secret" })
  })
  expect(JSON.stringify(lines)).not.toContain("secret")
  expect(lines[0]).toMatchObject({ headers: { authorization: "[redacted]", host: "x" } })
})
