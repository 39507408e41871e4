import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { run } from "./earmark-process.ts"

let t: TestEngine
let settings: { DATABASE_URL: string }
let heldId = ""
beforeAll(async () => {
  t = await createTestEngine()
  settings = { DATABASE_URL: t.url }
  await stock(t.engine, "MUG", { LAX: 3, JFK: 1 })
  const made = await t.engine.reserve(
    { lines: [{ sku: "MUG", quantity: 2 }], customerId: "c-1", ttlSeconds: 600 },
    { origin: { actor: "till-7" } },
  )
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  heldId = made.reservation.id
})
afterAll(() => t.close())

test("journal shows who did what, newest first, as a table or as JSON", async () => {
  const { exitCode, stdout, stderr } = await run(["journal", "MUG", "--location", "LAX"], settings)
  expect([exitCode, stderr]).toEqual([0, ""])
  const [head, newest, oldest, ...more] = stdout.trimEnd().split("\n")
  expect(head).toMatch(
    /^at +item +location +version +what +who +on hand +held +safety +available +reservation +why$/,
  )
  expect(newest).toMatch(
    new RegExp(`Z +MUG +LAX +2 +held +till-7 +3 +0 > 2 +0 +3 > 1 +${heldId} +until .*Z$`),
  )
  expect(oldest).toMatch(/Z +MUG +LAX +1 +adjusted +0 > 3 +0 +0 +0 > 3 +received$/)
  expect(more).toEqual([])
  const json = await run(["journal", "MUG", "--limit", "1", "--json"], settings)
  expect(JSON.parse(json.stdout)).toMatchObject({
    data: [{ kind: "held", reservationId: heldId, customerId: "c-1", after: { held: 2 } }],
    nextCursor: expect.any(String),
    isComplete: true,
  })
  expect((await run(["journal", "MUG", "--since", "2999-01-01T00:00:00Z"], settings)).stderr).toBe(
    "nothing has happened\n",
  )
})

test("journal shows what happened to a reservation", async () => {
  const { exitCode, stdout } = await run(["journal", "--reservation", heldId, "--json"], settings)
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ data: [{ kind: "held", actor: "till-7" }], isComplete: true })
})

test("explain says who has the units, and is 1 when they cannot be reserved", async () => {
  const refused = await run(["explain", "MUG@LAX=2", "MUG=1"], settings)
  expect([refused.exitCode, refused.stderr]).toEqual([1, "it would be refused now\n"])
  const [lines, levels, holders] = refused.stdout.trimEnd().split("\n\n")
  expect(lines).toMatch(/^MUG +any +1 +2 +0 +.*Z: 2 +now$/m)
  expect(lines).toMatch(/^MUG +LAX +2 +1 +1 +.*Z: 2 +.*Z$/m)
  expect(levels).toMatch(/^MUG +LAX +3 +2 +0 +0 +1 +1$/m)
  expect(holders).toMatch(new RegExp(`^MUG +LAX +${heldId} +c-1 +2 +.*Z$`, "m"))
  const granted = await run(["explain", "MUG=2", "--json"], settings)
  expect(granted.exitCode).toBe(0)
  expect(JSON.parse(granted.stdout)).toMatchObject({
    wouldSucceed: true,
    lines: [{ sku: "MUG", available: 2 }],
  })
})

test.each([
  [["journal"], "expected one SKU"],
  [["journal", "MUG", "CUP"], "expected one SKU"],
  [["journal", "MUG", "--reservation", "rsv_1"], "stands alone"],
  [["journal", "MUG", "--limit", "0"], "limit must be an integer"],
  [["journal", "MUG", "--since", "noon"], "since must be a moment"],
  [["explain"], "expected SKU=UNITS"],
  [["explain", "MUG"], "expected SKU=UNITS"],
  [["explain", "MUG=0"], "must be an integer"],
])("wrong usage %j is 2", async (words, text) => {
  const { exitCode, stdout, stderr } = await run(words, settings)
  expect([exitCode, stdout]).toEqual([2, ""])
  expect(stderr).toContain(text)
})

test.each([
  [["journal", "NOTHING"], "there is no item NOTHING"],
  [["journal", "MUG", "--location", "MOON"], "there is no location MOON"],
  [["journal", "--reservation", "rsv_1"], "there is no reservation rsv_1"],
  [["explain", "NOTHING=1"], "there is no item NOTHING"],
  [["explain", "MUG@MOON=1"], "there is no such location"],
])("what does not exist is 1: %j", async (words, text) => {
  const { exitCode, stdout, stderr } = await run(words, settings)
  expect([exitCode, stdout]).toEqual([1, ""])
  expect(stderr).toMatch(/^earmark: .*\n$/)
  expect(stderr).toContain(text)
})
