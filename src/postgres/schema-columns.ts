/** What the tables are made of. Not exported from `schema.ts`, so that no migration creates the schema itself. */
import { bigint, customType, pgSchema, timestamp } from "drizzle-orm/pg-core"

/** Codes compare by byte, so that orders and cursors are the same on every server and comparing them is cheap. */
export const code = customType<{ data: string }>({ dataType: () => 'text collate "C"' })
export const units = (name: string) => bigint(name, { mode: "number" })
/** Whole milliseconds: the wire says exactly what is enforced. */
export const moment = (name: string) => timestamp(name, { precision: 3, withTimezone: true })

/** Migrating replaces the name by the configured schema. */
export const earmark = pgSchema("earmark")
