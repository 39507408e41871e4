/** An event as a line for people. */
import type { EarmarkEvent, EventLevel } from "../../core/events/event.ts"

/** As wide as the longest type. */
const TYPE_WIDTH = 26

export function eventLine(event: EarmarkEvent): string {
  return `${event.time}  ${event.type.padEnd(TYPE_WIDTH)}  ${event.subject}  ${detailsOf(event)}`.trimEnd()
}

function detailsOf(event: EarmarkEvent): string {
  switch (event.type) {
    case "stock.adjusted":
    case "stock.allotment_changed":
      return `${signed(event.data.delta)}, ${left(event.data.level)}`
    case "stock.safety_stock_set":
      return `safety stock ${event.data.level.safetyStock}, ${left(event.data.level)}`
    case "stock.availability_changed":
      return `${event.data.crossing.replaceAll("_", " ")}, ${left(event.data.level)}`
    case "reservation.revoked":
      return `${event.data.lines.map(lineText).join(" ")}, ${event.data.reason}`
    default:
      return event.data.lines.map((line) => `${lineText(line)} (${left(line)})`).join(" ")
  }
}

function lineText({ sku, location, quantity }: { sku: string; location: string; quantity: number }): string {
  return `${quantity} x ${sku}/${location}`
}

function left({ available }: EventLevel): string {
  return `${available} available`
}

function signed(delta: number): string {
  return delta > 0 ? `+${delta}` : String(delta)
}
