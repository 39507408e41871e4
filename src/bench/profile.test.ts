import { expect, test } from "vitest"
import { openProfile } from "./profile.ts"

type Row = readonly [query: string, isInner: boolean, calls: number, milliseconds: number, walBytes: number]

const rowOf = ([query, isInner, calls, milliseconds, walBytes]: Row) => ({
  query,
  is_inner: isInner,
  calls: String(calls),
  total_exec_time: milliseconds,
  wal_bytes: String(walBytes),
})

/** A server whose view shows one state after the other. */
function server(...states: readonly (readonly Row[])[]) {
  const asked: string[] = []
  const left = [...states]
  const query = async (sql: string) => {
    asked.push(sql)
    if (sql.includes("pg_extension")) return [{ schema: "stats" }]
    return sql.includes("where dbid") ? (left.shift() ?? []).map(rowOf) : []
  }
  return { asked, query }
}

test("only what came after the beginning counts, under one name in all schemas, and nothing is reset", async () => {
  const text = (schema: string) => `insert into "${schema}".journal\n  (version)`
  const later: Row[] = [["select counted afterwards", false, 1, 1, 0]]
  const { asked, query } = server(
    [
      [text("earmark_bench_0a"), false, 10, 5, 100],
      ["select before", false, 3, 1, 0],
    ],
    [
      [text("earmark_bench_0a"), false, 12, 6.5, 160],
      [text("earmark_bench_1b"), false, 1, 0.5, 40],
      [text("earmark_bench_1b"), true, 4, 0.25, 0],
      ["select before", false, 3, 1, 0],
      ["select from stats.pg_stat_statements", false, 1, 9, 0],
      ["CHECKPOINT", false, 1, 99, 0],
      ["alter role somebody password 'secret'", false, 1, 1, 0],
    ],
    later,
  )
  const profile = await openProfile(query, { isOurs: false })
  await profile.begin()
  await profile.stop()
  const { statements, nodeMicroseconds } = await profile.take()
  const statement = "insert into journal (version)"
  expect(statements).toEqual([
    { statement, isInner: false, calls: 3, microseconds: 2000, walBytes: 100 },
    { statement, isInner: true, calls: 4, microseconds: 250, walBytes: 0 },
  ])
  expect(nodeMicroseconds).toBeGreaterThanOrEqual(0)
  expect(asked.join()).not.toMatch(/reset|create extension/)
})

test("a reset meanwhile is seen", async () => {
  const { query } = server([["select 1", false, 3, 1, 0]], [["select 1", false, 1, 1, 0]])
  const profile = await openProfile(query, { isOurs: false })
  await profile.begin()
  await expect(profile.take()).rejects.toThrow("somebody has reset")
})

test("on a server of our own the extension is made", async () => {
  const { asked, query } = server()
  await openProfile(query, { isOurs: true })
  expect(asked[0]).toContain("create extension")
})
