import type pg from "pg"
import type { EngineObserver } from "../engine/ports.ts"
import type { Probe } from "./transaction.ts"

/** What everything in this folder is given first. */
export interface Database {
  readonly pool: pg.Pool
  readonly schema: string
  readonly observer: EngineObserver
  /** Only tests set it: holds a transaction at a named point. */
  readonly probe?: Probe | undefined
}
