/** Reads the feed as a consumer does, and knows what it should have been told. */
import type pg from "pg"
import { expect } from "vitest"
import type { EarmarkEvent, EventType } from "../../src/core/events/event.ts"
import type { Engine } from "../../src/index.ts"

export class FeedReader {
  readonly events: EarmarkEvent[] = []
  /** Events that were told, duplicates included. */
  told = 0
  readonly #engine: Engine
  readonly #limit: number
  readonly #seen = new Set<string>()
  readonly #before: ReadonlyMap<string, number>
  #cursor: string

  /** From now on. */
  static async at(engine: Engine, limit = 50): Promise<FeedReader> {
    const before = new Map<string, number>()
    for (const item of (await engine.items()).data) {
      for (const { location, version } of item.locations) before.set(`${item.sku}/${location}`, version)
    }
    return new FeedReader(engine, { limit, before, cursor: await engine.eventsNow() })
  }

  private constructor(
    engine: Engine,
    { limit, before, cursor }: { limit: number; before: ReadonlyMap<string, number>; cursor: string },
  ) {
    this.#engine = engine
    this.#limit = limit
    this.#before = before
    this.#cursor = cursor
  }

  get cursor(): string {
    return this.#cursor
  }

  async readOne(limit = this.#limit): Promise<boolean> {
    const { events, nextCursor, isAll } = await this.#engine.events({ after: this.#cursor, limit })
    this.#cursor = nextCursor
    for (const { event } of events) {
      this.told += 1
      if (!this.#seen.has(event.id)) this.events.push(event)
      this.#seen.add(event.id)
    }
    return isAll
  }

  async readAll(limit = this.#limit): Promise<void> {
    while (!(await this.readOne(limit))) {
      // Until there is no more.
    }
  }

  ofType(type: EventType): EarmarkEvent[] {
    return this.events.filter((event) => event.type === type)
  }

  /** Every version of every level since the beginning, in order, and nothing else. */
  async expectGapless(pool: pg.Pool): Promise<void> {
    const versions = new Map<string, number[]>()
    for (const { type, data } of this.events) {
      if (type === "stock.availability_changed" || type === "reservation.revoked") continue
      const levels = "lines" in data ? data.lines : [data.level]
      for (const level of levels as readonly { sku: string; location: string; version: number }[]) {
        const name = `${level.sku}/${level.location}`
        versions.set(name, [...(versions.get(name) ?? []), level.version])
      }
    }
    const { rows } = await pool.query<{ name: string; version: string }>(
      "select sku || '/' || location as name, version from earmark.stock_levels",
    )
    for (const { name, version } of rows) {
      const first = (this.#before.get(name) ?? 0) + 1
      const expected = Array.from({ length: Number(version) - first + 1 }, (_, index) => first + index)
      expect(versions.get(name) ?? [], name).toEqual(expected)
    }
  }
}
