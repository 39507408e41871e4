import type { Item } from "earmark/client"
import { useState } from "react"
import { Button } from "../../ui/button.tsx"
import { CONTROL } from "../../ui/field.tsx"
import { count } from "../../ui/numbers.ts"
import { QuantityField } from "../../ui/quantity-field.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { addToBasket, BASKET_LINES_MAX, type BasketLine } from "../basket/basket.ts"
import { Refusal } from "../reserving/refusal.tsx"
import type { Reserving } from "../reserving/use-reserve.ts"
import { nameOf, useLocations } from "../use-locations.ts"

interface ReserveFormProps {
  readonly item: Item
  readonly levels: Item["locations"]
  readonly isSoldOut: boolean
  readonly reserving: Reserving
}

export function ReserveForm({ item, levels, isSoldOut, reserving }: ReserveFormProps) {
  const names = useLocations()
  const tell = useTell()
  const [quantity, setQuantity] = useState(1)
  const [location, setLocation] = useState("")
  const line: BasketLine = { sku: item.sku, quantity, ...(location !== "" && { location }) }
  const lines = reserving.attempt?.basket.lines ?? []
  const isAboutThis = reserving.attempt?.isOfBasket === false && lines[0]?.sku === item.sku
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <QuantityField label={item.name} value={quantity} onChange={setQuantity} />
        <select
          aria-label={`Location: ${item.name}`}
          className={`${CONTROL} min-w-44 flex-1 basis-0`}
          value={location}
          onChange={({ target }) => setLocation(target.value)}
        >
          <option value="">Best (nearest first)</option>
          {levels.map((level) => (
            <option key={level.location} value={level.location}>
              {nameOf(names, level.location)} ({count(level.available)})
            </option>
          ))}
        </select>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          kind="primary"
          className="flex-1"
          aria-label={`Reserve now: ${item.name}`}
          disabled={isSoldOut}
          isBusy={reserving.isPending && isAboutThis}
          onClick={() => reserving.reserve({ lines: [line] })}
        >
          Reserve now
        </Button>
        <Button
          aria-label={`Add to basket: ${item.name}`}
          onClick={() => {
            if (addToBasket(line)) tell.good(`In your basket: ${count(quantity)} × ${item.name}`)
            else tell.bad(`A basket has at most ${BASKET_LINES_MAX} lines.`)
          }}
        >
          Add to basket
        </Button>
      </div>
      {isAboutThis && !reserving.isPending && (
        <Refusal
          reserving={reserving}
          nameOfItem={() => item.name}
          onTake={([shortage]) => {
            if (shortage === undefined) return
            setQuantity(shortage.available)
            reserving.reserve({ lines: [{ ...line, quantity: shortage.available }] })
          }}
        />
      )}
    </div>
  )
}
