/** Why a reserve is refused, decided as a reserve is. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ExplainedLine, STRATEGIES } from "../../src/index.ts"
import { untilDatabaseTime } from "../support/database-clock.ts"
import { stock } from "../support/engine.ts"
import { chooseSeed, seededRandom } from "../support/random.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

const EXPLAIN = "/v1/reservations/explain"

describe("an explanation", () => {
  let service: TestService
  beforeAll(async () => {
    service = await createTestService()
    await stock(service.engine, "MUG", { LAX: 5, JFK: 3 })
    await stock(service.engine, "CUP", { LAX: 2 })
    await service.engine.putItem({ sku: "NEW", name: "New" })
  })
  afterAll(() => service.close())

  const ask = (body: object, path = EXPLAIN) => service.call("POST", path, { body })
  const reserve = async (body: object) => (await service.call("POST", "/v1/reservations", { body })).body
  const lines = (...quantities: [sku: string, quantity: number, location?: string][]) => ({
    lines: quantities.map(([sku, quantity, location]) => ({ sku, quantity, ...(location && { location }) })),
  })

  test("says what there is, who has the rest, and when it comes back", async () => {
    await service.engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 1 })
    const [first, second] = [
      await reserve({ ...lines(["MUG", 2, "LAX"]), customerId: "c-1", ttlSeconds: 300 }),
      await reserve({ ...lines(["MUG", 3, "JFK"]), customerId: "c-2", ttlSeconds: 200 }),
    ]
    const refused = await service.call("POST", "/v1/reservations", { body: lines(["MUG", 4]) })
    expect(refused).toMatchObject(problem(409, "insufficient_stock"))
    const answer = await ask(lines(["MUG", 4]), refused.body.explain)
    const line = {
      sku: "MUG",
      location: null,
      requested: 4,
      available: 2,
      missing: 2,
      nextExpiry: { at: second.expiresAt, units: 3 },
      enoughAt: second.expiresAt,
    }
    const levels = [
      { location: "LAX", onHand: 5, held: 2, safetyStock: 1, allotted: 0, available: 2, holds: 1 },
      { location: "JFK", onHand: 3, held: 3, safetyStock: 0, allotted: 0, available: 0, holds: 1 },
    ]
    const whole = { wouldSucceed: false, asOf: expect.any(String) }
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body).toEqual({ ...whole, lines: [{ ...line, locations: levels }] })
    expect(JSON.stringify(answer.body)).not.toMatch(/rsv_|c-1|c-2/)

    const holder = ({ id, customerId, expiresAt, lines: [held] }: typeof first) => ({
      reservationId: id,
      customerId,
      quantity: held.quantity,
      expiresAt,
    })
    const named = await ask(lines(["MUG", 4]), `${EXPLAIN}/holders`)
    expect(named.body).toEqual({
      ...whole,
      lines: [
        {
          ...line,
          locations: [
            { ...levels[0], holders: [holder(first)] },
            { ...levels[1], holders: [holder(second)] },
          ],
        },
      ],
    })
    expect((await ask({ ...lines(["MUG", 3]), customerId: "c-2", replaces: second.id })).body).toMatchObject({
      wouldSucceed: true,
      lines: [{ missing: 0, enoughAt: null }],
    })
    for (const { id } of [first, second]) await service.engine.release(id)
    await service.engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 0 })
  })

  test("names each line that falls short, and only those", async () => {
    const { body } = await ask(lines(["CUP", 3], ["MUG", 8], ["NEW", 1], ["MUG", 1, "LAX"]))
    expect(body).toMatchObject({
      wouldSucceed: false,
      lines: [
        { sku: "CUP", location: null, available: 2, missing: 1, nextExpiry: null, enoughAt: null },
        // One of them is spoken for by the line that names its location.
        { sku: "MUG", location: null, available: 7, missing: 1 },
        {
          sku: "MUG",
          location: "LAX",
          requested: 1,
          available: 5,
          missing: 0,
          locations: [{ location: "LAX" }],
        },
        { sku: "NEW", available: 0, missing: 1, locations: [] },
      ],
    })
    expect((await ask(lines(["CUP", 2], ["MUG", 8]))).body.wouldSucceed).toBe(true)
  })

  test("counts what is overdue as free, recorded or not, and changes nothing", async () => {
    const hold = await reserve({ ...lines(["CUP", 2]), ttlSeconds: 1 })
    expect((await ask(lines(["CUP", 1]))).body).toMatchObject({
      wouldSucceed: false,
      lines: [{ available: 0, nextExpiry: { at: hold.expiresAt, units: 2 }, enoughAt: hold.expiresAt }],
    })
    await untilDatabaseTime(service.pool, Date.parse(hold.expiresAt))
    const before = await everything(service)
    const { body } = await ask({ ...lines(["CUP", 2]), replaces: hold.id })
    expect(body).toMatchObject({
      wouldSucceed: true,
      lines: [{ available: 2, locations: [{ held: 0, holds: 0, available: 2 }] }],
    })
    expect((await ask({ ...lines(["CUP", 3]), replaces: hold.id })).body.lines[0].available).toBe(2)
    expect(await everything(service)).toEqual(before)
  })

  test("lists the holders that end first, and counts the others", async () => {
    await stock(service.engine, "PEN", { LAX: 30 })
    for (let index = 0; index < 30; index += 1) {
      await reserve({ ...lines(["PEN", 1]), customerId: `c-${index}`, ttlSeconds: 10_000 - 100 * index })
    }
    const { body } = await ask(lines(["PEN", 15]), `${EXPLAIN}/holders`)
    const [line] = body.lines
    const [level] = line.locations
    expect(level.holds).toBe(30)
    const last = Array.from({ length: 10 }, (_, index) => `c-${29 - index}`)
    expect(level.holders.map(({ customerId }: { customerId: string }) => customerId)).toEqual(last)
    const { rows } = await service.pool.query<{ at: Date }>(
      `select expires_at as at from earmark.holds h join earmark.stock_levels s on s.id = h.stock_level_id
       where s.sku = 'PEN' order by expires_at offset 14 limit 1`,
    )
    expect(line.enoughAt).toBe(rows[0]?.at.toISOString())
  })

  test("refuses what a reserve would refuse for another reason", async () => {
    expect(await ask(lines(["NOTHING", 1]))).toEqual(problem(404, "item_not_found"))
    expect(await ask(lines(["MUG", 1, "MOON"]))).toEqual(problem(404, "location_not_found"))
    expect(await ask({ ...lines(["MUG", 1]), replaces: "x" })).toEqual(problem(404, "reservation_not_found"))
    const sold = await reserve({ ...lines(["MUG", 1]), customerId: "c-7" })
    await service.engine.confirm(sold.id)
    const replacing = { ...lines(["MUG", 1]), replaces: sold.id }
    expect(await ask({ ...replacing, customerId: "c-7" })).toEqual(problem(409, "reservation_confirmed"))
    expect(await ask({ ...replacing, customerId: "c-8" })).toEqual(problem(404, "reservation_not_found"))
    expect(await ask({})).toEqual(invalid("/lines"))
    expect(await ask(lines(["MUG", 0]))).toEqual(invalid("/lines/0/quantity"))
    expect(await ask({ ...lines(["MUG", 1]), ttlSeconds: 86_401 })).toEqual(invalid("/ttlSeconds"))
    expect(await ask({ ...lines(["MUG", 1]), why: 1 })).toEqual(invalid("/why"))
    for (const path of [EXPLAIN, `${EXPLAIN}/holders`]) {
      for (const payload of ["", "null", "[]", "{"]) {
        const headers = { "content-type": "application/json" }
        expect((await service.call("POST", path, { payload, headers })).status, payload).toBe(400)
      }
      expect((await service.call("POST", path, { payload: "x" })).status).toBe(415)
    }
  })
})

async function everything({ pool }: TestService): Promise<unknown> {
  const { rows } = await pool.query(
    `select (select json_agg(s order by s.id) from earmark.stock_levels s) as levels,
       (select json_agg(r order by r.id) from earmark.reservations r) as reservations,
       (select count(*) from earmark.journal) as changes`,
  )
  return rows
}

test.each(STRATEGIES)("what is explained is what a reserve does, with the strategy %s", async (strategy) => {
  const service = await createTestService({ strategy })
  const { engine } = service
  const seed = chooseSeed()
  const random = seededRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  for (const sku of ["MUG", "CUP"]) {
    await stock(engine, sku, { LAX: 6, JFK: 4 })
    await service.heat(sku)
  }
  await engine.setSafetyStock({ sku: "CUP", location: "JFK", safetyStock: 2 })
  const outcomes = new Set<string>()
  const held: string[] = []
  for (let round = 0; round < 40; round += 1) {
    const line = () => {
      const location = ["LAX", "JFK", undefined, undefined][below(4)]
      const sku = below(2) === 0 ? "MUG" : "CUP"
      return { sku, quantity: 1 + below(4), ...(location && { location }) }
    }
    const replaces = below(3) === 0 ? held.at(-1) : undefined
    const request = { lines: [line(), line()].slice(below(2)), ...(replaces && { replaces }) }
    const answer = await engine.explain(request)
    const done = await engine.reserve(request)
    outcomes.add(done.outcome)
    const said = answer.outcome === "explained" ? answer.explanation.wouldSucceed : answer.outcome
    const expected = ["reserved", "insufficient_stock"].includes(done.outcome)
      ? done.outcome === "reserved"
      : done.outcome
    expect(said, JSON.stringify({ seed, round, request, answer, done })).toBe(expected)
    if (done.outcome === "insufficient_stock" && answer.outcome === "explained") {
      const short = answer.explanation.lines.filter(({ missing }) => missing > 0)
      const told = done.shortages.map(nameOf)
      // A shard of Redis speaks for its own items only.
      if (strategy === "redis") expect(short.map(nameOf)).toEqual(expect.arrayContaining(told))
      else expect(short.map(nameOf).toSorted()).toEqual(told.toSorted())
    }
    if (done.outcome === "reserved") held.push(done.reservation.id)
    if (below(3) === 0) await engine.release(held.shift() ?? "")
  }
  expect([...outcomes]).toEqual(expect.arrayContaining(["reserved", "insufficient_stock"]))
  await service.close()
})

function nameOf(
  line: Partial<Omit<ExplainedLine, "location">> & { readonly location?: string | null },
): string {
  const { sku, location, requested, available } = line
  return `${sku} at ${location ?? "any"}: ${requested} of ${available}`
}
