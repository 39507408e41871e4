import { z } from "zod"

/** A moment on the wire: RFC 3339 in UTC, with milliseconds. */
export const moment = z.string().meta({ format: "date-time", examples: ["2026-07-01T12:00:00.000Z"] })
