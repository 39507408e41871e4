import { Link } from "@tanstack/react-router"
import type { Item, LiveAvailability, Shortage } from "earmark/client"
import { Button } from "../../ui/button.tsx"
import { LiveNumber } from "../../ui/live-number.tsx"
import { count } from "../../ui/numbers.ts"
import { QuantityField } from "../../ui/quantity-field.tsx"
import { ItemPicture } from "../item-picture.tsx"
import { nameOf, useLocations } from "../use-locations.ts"
import { type BasketLine, putInBasket } from "./basket.ts"

interface BasketRowProps {
  readonly line: BasketLine
  /** Null when there is no such item; undefined until it is known. */
  readonly item: Item | null | undefined
  readonly live: LiveAvailability | undefined
  /** What the service said of this line when it refused the basket. */
  readonly shortage: Shortage | undefined
}

export function BasketRow({ line, item, live, shortage }: BasketRowProps) {
  const locations = useLocations()
  const name = item?.name ?? line.sku
  const where =
    line.location === undefined
      ? "from whichever location is nearest"
      : `at ${nameOf(locations, line.location)}`
  return (
    <li
      data-sku={line.sku}
      className="grid grid-cols-[3.5rem_minmax(0,1fr)] gap-x-4 gap-y-3 p-4 sm:grid-cols-[5rem_minmax(0,1fr)_auto] sm:p-5"
    >
      <ItemPicture
        name={name}
        imageUrl={item?.imageUrl ?? null}
        className="aspect-square self-start rounded-lg"
      />
      <div className="min-w-0">
        <h2 className="leading-snug font-semibold break-words">
          <Link to="/" search={{ q: line.sku }} className="hover:underline">
            {name}
          </Link>
        </h2>
        <p className="text-sm break-words text-muted">{where}</p>
        <p className="mt-1 text-sm">
          <Availability line={line} item={item} live={live} />
        </p>
        {shortage && <Short line={line} shortage={shortage} />}
      </div>
      <div className="col-span-2 flex items-center justify-between gap-2 sm:col-span-1 sm:flex-col sm:items-end">
        <QuantityField
          label={name}
          value={line.quantity}
          onChange={(quantity) => putInBasket({ ...line, quantity })}
        />
        <Button
          kind="quiet"
          aria-label={`Remove: ${name}`}
          onClick={() => putInBasket({ ...line, quantity: 0 })}
        >
          Remove
        </Button>
      </div>
    </li>
  )
}

interface ShortProps {
  readonly line: BasketLine
  readonly shortage: Shortage
}

function Short({ line, shortage: { requested, available } }: ShortProps) {
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-3 text-sm font-medium text-bad">
      Refused: {count(requested)} asked for, {count(available)} available.
      <Button
        kind="quiet"
        className="-mx-2.5 px-2.5"
        onClick={() => putInBasket({ ...line, quantity: available })}
      >
        {available > 0 ? `Take ${count(available)}` : "Leave it out"}
      </Button>
    </p>
  )
}

function Availability({ line, item, live }: Omit<BasketRowProps, "shortage">) {
  if (item === null) return <span className="text-bad">There is no such item any more.</span>
  const units = live ?? item
  if (units === undefined) return <span className="text-muted">Looking what there is ...</span>
  const available =
    line.location === undefined
      ? units.available
      : (units.locations.find(({ location }) => location === line.location)?.available ?? 0)
  const isEnough = available >= line.quantity
  return (
    <span className={isEnough ? "text-good" : "text-warn"}>
      <LiveNumber value={available} /> available{isEnough ? "" : ", fewer than you want"}
    </span>
  )
}
