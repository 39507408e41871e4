import { isUtf8 } from "node:buffer"

const BEYOND_ASCII = /[\u0080-\uffff]/

/** Node reads headers as Latin-1; most callers that send more than ASCII mean UTF-8. */
export function headerText(value: string): string {
  if (!BEYOND_ASCII.test(value)) return value
  const bytes = Buffer.from(value, "latin1")
  return isUtf8(bytes) ? bytes.toString("utf8") : value
}
