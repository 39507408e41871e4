import { Link } from "@tanstack/react-router"
import { isProblem, type Shortage } from "earmark/client"
import { useLiveStock } from "../../api/live-stock.ts"
import { Empty } from "../../ui/notices.tsx"
import { PageHeader } from "../../ui/panel.tsx"
import { isSameBasket } from "../reserving/attempt.ts"
import { Refusal } from "../reserving/refusal.tsx"
import { shopperId } from "../reserving/shopper.ts"
import { UnfinishedAttempt } from "../reserving/unfinished-attempt.tsx"
import { useReserve } from "../reserving/use-reserve.ts"
import { skusThatExist, useItems } from "../use-items.ts"
import { type BasketLine, lineKey, putInBasket, useBasket } from "./basket.ts"
import { BasketRow } from "./basket-row.tsx"
import { BasketSummary } from "./basket-summary.tsx"

export function BasketPage() {
  const lines = useBasket()
  const reserving = useReserve()
  const items = useItems(lines.map(({ sku }) => sku))
  const live = useLiveStock(skusThatExist(items))
  const nameOfItem = (sku: string) => items.get(sku)?.name ?? sku
  const { attempt, refusal } = reserving
  // What was refused is of no interest any more once something else would be asked for.
  const asked = { customerId: shopperId(), ...attempt?.basket, lines }
  const isRefused = refusal !== null && attempt !== null && isSameBasket(attempt.basket, asked)
  return (
    <>
      <PageHeader title="Basket">
        All of it is reserved at one moment, or nothing is: nobody is left with half a basket.
      </PageHeader>
      <UnfinishedAttempt reserving={reserving} />
      {lines.length === 0 ? (
        <Empty title="Your basket is empty">
          <Link to="/" className="font-medium text-accent underline">
            Look at what there is
          </Link>
        </Empty>
      ) : (
        <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
          <ul aria-label="Lines" className="divide-y divide-line rounded-xl border border-line bg-panel">
            {lines.map((line) => (
              <BasketRow
                key={lineKey(line)}
                line={line}
                item={items.get(line.sku)}
                live={live.get(line.sku)}
                shortage={isRefused ? shortageOf(refusal, line) : undefined}
              />
            ))}
          </ul>
          <div className="flex flex-col gap-4 lg:sticky lg:top-4">
            <BasketSummary lines={lines} reserving={reserving} />
            {isRefused && <Refusal reserving={reserving} nameOfItem={nameOfItem} onTake={takeWhatThereIs} />}
          </div>
        </div>
      )}
    </>
  )
}

function shortageOf(refusal: Error, line: BasketLine): Shortage | undefined {
  if (!isProblem(refusal, "insufficient_stock")) return undefined
  return refusal.shortages.find((shortage) => lineKey(shortage) === lineKey(line))
}

function takeWhatThereIs(shortages: readonly Shortage[]): void {
  for (const { sku, location, available } of shortages) {
    putInBasket({ sku, quantity: available, ...(location !== undefined && { location }) })
  }
}
