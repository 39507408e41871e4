/** What came of the last checks of the books, over HTTP. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { recordVerification } from "../../src/postgres/verifications.ts"
import { testClient } from "../support/client.ts"
import { type ListeningService, startListening } from "./raw-connection.ts"
import { invalid } from "./service.ts"

let service: ListeningService
beforeAll(async () => {
  service = await startListening()
})
afterAll(() => service.close())

const record = (durationMs: number, rows: readonly Record<string, unknown>[] = []) => {
  const database = { pool: service.pool, schema: "earmark", observer: SILENT_OBSERVER }
  const report = { id: "a-law", law: "it holds", holds: rows.length === 0, rows }
  return recordVerification(database, { durationMs, version: "1.2.3" }, [report])
}

test("none was run, then the newest comes first, and a hundred are kept", async () => {
  const { health } = testClient(service.listensOn)
  expect(await health.verifications()).toEqual([])
  await record(1.4)
  await record(
    2,
    Array.from({ length: 20 }, (_, row) => ({ row })),
  )
  const law = { id: "a-law", law: "it holds" }
  expect(await health.verifications()).toEqual([
    {
      at: expect.stringMatching(/Z$/),
      durationMs: 2,
      version: "1.2.3",
      holds: false,
      laws: [{ ...law, holds: false, violations: 20, samples: [0, 1, 2, 3, 4].map((row) => ({ row })) }],
    },
    {
      at: expect.any(String),
      durationMs: 1,
      version: "1.2.3",
      holds: true,
      laws: [{ ...law, holds: true, violations: 0, samples: [] }],
    },
  ])
  for (let ms = 3; ms <= 105; ms += 1) await record(ms)
  const kept = await health.verifications({ limit: 200 })
  expect([kept.length, kept[0]?.durationMs, kept.at(-1)?.durationMs]).toEqual([100, 105, 6])
  expect((await health.verifications({ limit: 2 })).map(({ durationMs }) => durationMs)).toEqual([105, 104])
  expect(await service.call("GET", "/v1/verifications?limit=0")).toEqual(invalid("/query/limit"))
})
