import type { ExplanationWithHolders } from "earmark/client"
import { Badge } from "../../ui/badge.tsx"
import { Moment } from "../../ui/moment.tsx"
import { count } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"
import { StockMeter } from "../../ui/stock-meter.tsx"
import { Figure } from "../figure.tsx"
import { CustomerLink, LocationLink, ReservationLink, SkuLink } from "../links.tsx"
import { TimeLeft } from "../time-left.tsx"

type Line = ExplanationWithHolders["lines"][number]
type Level = Line["locations"][number]

/** One line of the basket: what there is, what is in the way, and until when. */
export function ExplainedLine({ line }: { readonly line: Line }) {
  const { sku, location, requested, available, missing, locations } = line
  const scaleMax = Math.max(1, ...locations.map(({ onHand }) => onHand))
  const badge =
    missing > 0 ? <Badge tone="bad">{count(missing)} missing</Badge> : <Badge tone="good">enough</Badge>
  return (
    <Panel
      title={
        <>
          {count(requested)} × <SkuLink sku={sku} />
        </>
      }
      actions={badge}
    >
      <p className="mb-3">
        {count(requested)} {requested === 1 ? "unit was" : "units were"} asked for{" "}
        {location === null ? "from whichever location has them" : `from ${location}`}, and {count(available)}{" "}
        {available === 1 ? "is" : "are"} available. <WhenPossible line={line} />
      </p>
      {locations.length === 0 && <p className="text-muted">It is not in stock there, and never was.</p>}
      <ul className="flex flex-col gap-4">
        {locations.map((level) => (
          <li key={level.location}>
            <LevelInTheWay level={level} scaleMax={scaleMax} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function WhenPossible({ line: { missing, enoughAt, nextExpiry } }: { readonly line: Line }) {
  if (missing === 0) return null
  if (enoughAt !== null) {
    return (
      <>
        There is enough from <Moment at={enoughAt} /> on (<TimeLeft expiresAt={enoughAt} />
        ), if no hold is confirmed or extended.
      </>
    )
  }
  if (nextExpiry === null) return <>No hold will give units back: more has to be received.</>
  return (
    <>
      The next holds end at <Moment at={nextExpiry.at} /> and give back {count(nextExpiry.units)}, which is
      not enough.
    </>
  )
}

function LevelInTheWay({ level, scaleMax }: { readonly level: Level; readonly scaleMax: number }) {
  const { location, onHand, held, allotted, safetyStock, available, holds, holders } = level
  const units = { onHand, held: held + allotted, allotted, safetyStock, available }
  return (
    <>
      <div className="mb-1.5 flex flex-wrap items-baseline gap-x-4">
        <LocationLink location={location} />
        <span className="flex flex-wrap gap-x-4 text-sm [&_.sm\:sr-only]:not-sr-only">
          <Figure name="on hand" units={onHand} isMain />
          <Figure name="held" units={held} />
          <Figure name="allotted to Redis" units={allotted} />
          <Figure name="safety stock" units={safetyStock} />
          <Figure name="available" units={available} isMain />
        </span>
      </div>
      <StockMeter units={units} scaleMax={scaleMax} />
      {holders.length > 0 && (
        <ul aria-label={`Who holds units at ${location}`} className="mt-2 text-sm">
          {holders.map(({ reservationId, customerId, quantity, expiresAt }) => (
            <li key={reservationId} className="flex flex-wrap gap-x-3 border-t border-line py-1.5">
              <span className="min-w-10 font-semibold">{count(quantity)} ×</span>
              <ReservationLink id={reservationId} />
              <CustomerLink customerId={customerId} />
              <span className="sm:ml-auto">
                until <Moment at={expiresAt} />, <TimeLeft expiresAt={expiresAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {holds > holders.length && (
        <p className="text-sm text-muted">
          These end first; {count(holds - holders.length)} more hold units here.
        </p>
      )}
    </>
  )
}
