import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

let service: TestService
beforeAll(async () => {
  service = await createTestService()
  await stock(service.engine, "DROP-1", { BERLIN: 5, PARIS: 3 })
})
afterAll(() => service.close())

const put = (sku: string, body?: unknown) => service.call("PUT", `/v1/items/${sku}/hot`, { body })

describe("PUT /v1/items/{sku}/hot", () => {
  test("sets an item hot, and lists it until it is cold again", async () => {
    const hot = {
      sku: "DROP-1",
      target: 500,
      locations: [
        { location: "BERLIN", allotted: 0 },
        { location: "PARIS", allotted: 0 },
      ],
    }
    expect(await put("DROP-1", { target: 500 })).toMatchObject({ status: 200, body: hot })
    expect((await service.call("GET", "/v1/hot-items")).body).toEqual({ data: [hot] })
    expect(await put("DROP-1", { target: 0 })).toMatchObject({ status: 200, body: { target: 0 } })
    expect((await service.call("GET", "/v1/hot-items")).body).toEqual({ data: [] })
  })

  test("refuses what it cannot do, and says why", async () => {
    expect(await put("NOTHING", { target: 1 })).toEqual(problem(404, "item_not_found"))
    expect(await put("DROP-1", { target: -1 })).toEqual(invalid("/target"))
    expect(await put("DROP-1", { target: 1.5 })).toEqual(invalid("/target"))
    expect(await put("DROP-1", {})).toEqual(invalid("/target"))
    expect(await put("DROP-1", { target: 1, units: 2 })).toEqual(invalid("/units"))
    expect(await put("-", { target: 1 })).toEqual(invalid("/params/sku"))
  })
})

test("what Redis lost is 410 to whoever reads, confirms, releases or extends it", async () => {
  const id = "rsv_0197c0de5f0a7000a1b2c3d4e5f60718"
  const revoked = await createTestService({ strategy: "redis" })
  await revoked.pool.query(
    "insert into earmark.revocations (id, epoch, reason, granted) values ($1, 1, 'lost', '{}')",
    ["0197c0de-5f0a-7000-a1b2-c3d4e5f60718"],
  )
  expect(await revoked.call("GET", `/v1/reservations/${id}`)).toEqual(problem(410, "reservation_revoked"))
  for (const command of ["confirm", "release"]) {
    const answer = await revoked.call("POST", `/v1/reservations/${id}/${command}`)
    expect(answer).toEqual(problem(410, "reservation_revoked"))
  }
  const extend = await revoked.call("POST", `/v1/reservations/${id}/extend`, { body: { ttlSeconds: 60 } })
  expect(extend).toEqual(problem(410, "reservation_revoked"))
  await revoked.close()
})
