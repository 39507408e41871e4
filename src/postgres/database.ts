import type pg from "pg"
import type { EngineObserver } from "../engine/ports.ts"

/** What everything in this folder is given first. */
export interface Database {
  readonly pool: pg.Pool
  readonly schema: string
  readonly observer: EngineObserver
}
