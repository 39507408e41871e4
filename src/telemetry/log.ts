/** The log: one JSON object a line on stdout. */
import { type DestinationStream, type Logger, pino } from "pino"

/** Where a credential would stand if somebody ever logged a request or its headers. */
const SECRET_PATHS = [
  "authorization",
  "headers.authorization",
  "headers.cookie",
  "req.headers.authorization",
  "req.headers.cookie",
  "request.headers.authorization",
  "request.headers.cookie",
]

/** @param level one of pino's: fatal, error, warn, info, debug, trace, silent */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: "[redacted]" },
  }
  return destination ? pino(options, destination) : pino(options)
}
