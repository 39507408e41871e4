/** Where the time goes, of a run that was asked for it: one table over all scenarios, so that they can be compared. */
import type { BenchReport, ContenderResult, PointProfile, ScenarioResult, StatementTime } from "../result.ts"
import { formatMicroseconds } from "./format.ts"
import { axisKind, highestPoint, placeOf } from "./select.ts"

export interface ProfileTable {
  /** Of each column: what was measured. */
  readonly columns: readonly string[]
  readonly rows: readonly ProfileRow[]
}

export interface ProfileRow {
  readonly label: string
  /** In the order of the columns. */
  readonly cells: readonly string[]
}

export const PROFILE_TITLE = "Where the time goes"
/** What the numbers of the table are. */
export const PROFILE_CAPTION =
  "Microseconds for one reservation, in the flood for one hold given back. Statements are timed by Postgres from begin " +
  "to end, waiting included; the flush of a commit comes after them. Being counted slows them down."

/** A statement with less than this share of a column's time, in every column, is not named. */
const NAMED_SHARE_MIN = 0.02
const LABEL_LENGTH_MAX = 76
/** Of a long statement its end tells as much as its beginning: what is locked, in which order. */
const LABEL_END_LENGTH = 26

interface Profiled {
  readonly title: string
  readonly profile: PointProfile
}

/** Null where nothing was profiled. */
export function profileTableOf({ scenarios }: BenchReport): ProfileTable | null {
  const columns = scenarios.flatMap((scenario) =>
    scenario.contenders.flatMap((contender) => profiledPoints(scenario, contender)),
  )
  if (columns.length === 0) return null
  const outer = (times: readonly StatementTime[]) => times.filter(({ isInner }) => !isInner)
  const inner = (times: readonly StatementTime[]) => times.filter(({ isInner }) => isInner)
  const row = (label: string, timeIn: (profile: PointProfile) => number | null | undefined): ProfileRow => ({
    label,
    cells: columns.map(({ profile }) => formatMicroseconds(timeIn(profile))),
  })
  const rowsOf = (named: ReadonlySet<string>, select: typeof outer, before: string) =>
    [...named].map((statement) =>
      row(
        `${before}${shorten(statement)}`,
        ({ statements }) => select(statements).find((time) => time.statement === statement)?.microseconds,
      ),
    )
  const named = namesOf(columns, outer)
  return {
    columns: columns.map(({ title }) => title),
    rows: [
      row("Node: callers, engine, driver", ({ nodeMicroseconds }) => nodeMicroseconds),
      row("Postgres: all statements", ({ statements }) => sumOf(outer(statements))),
      ...rowsOf(named, outer, ""),
      row("others", ({ statements }) =>
        sumOf(outer(statements).filter(({ statement }) => !named.has(statement))),
      ),
      ...rowsOf(namesOf(columns, inner), inner, "within these: "),
    ],
  }
}

/** Where sizes are compared every point tells something; elsewhere the one with the highest rate. */
function profiledPoints(scenario: ScenarioResult, contender: ContenderResult): Profiled[] {
  const highest = highestPoint(contender)
  const points = axisKind(scenario) === "size" ? contender.points : highest ? [highest] : []
  return points.flatMap((point) => {
    const place = axisKind(scenario) === "size" ? placeOf(scenario, point) : undefined
    const loop = point.loop === "open" ? ", open loop" : ""
    const title = `${scenario.name}: ${contender.name}${place ? `, ${place}` : ""}${loop}`
    return point.profile ? [{ title, profile: point.profile }] : []
  })
}

/** Those that matter in any column, the longest first. */
function namesOf(
  columns: readonly Profiled[],
  select: (times: readonly StatementTime[]) => readonly StatementTime[],
): ReadonlySet<string> {
  const longest = new Map<string, number>()
  for (const { profile } of columns) {
    const all = sumOf(profile.statements.filter(({ isInner }) => !isInner))
    for (const { statement, microseconds } of select(profile.statements))
      if (microseconds >= all * NAMED_SHARE_MIN)
        longest.set(statement, Math.max(microseconds, longest.get(statement) ?? 0))
  }
  return new Set([...longest].sort(([, a], [, b]) => b - a).map(([statement]) => statement))
}

function sumOf(times: readonly StatementTime[]): number {
  return times.reduce((sum, { microseconds }) => sum + microseconds, 0)
}

function shorten(statement: string): string {
  if (statement.length <= LABEL_LENGTH_MAX) return statement
  const begin = statement.slice(0, LABEL_LENGTH_MAX - LABEL_END_LENGTH - 3).trimEnd()
  return `${begin} … ${statement.slice(-LABEL_END_LENGTH).trimStart()}`
}
