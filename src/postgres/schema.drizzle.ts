/** What drizzle-kit reads: the tables in the schema `earmark`, a name that migrating replaces by the configured one. */
import { tablesIn } from "./schema.ts"

export const { items, locations, stockLevels, reservations, reservationLines, adjustments, journal } =
  tablesIn("earmark")
