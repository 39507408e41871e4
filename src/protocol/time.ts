import { z } from "zod"
import { moment } from "./times.ts"

export const databaseTime = z
  .object({ now: moment })
  .meta({ id: "Time", examples: [{ now: "2026-07-01T12:00:00.000Z" }] })
export type WireTime = z.output<typeof databaseTime>
