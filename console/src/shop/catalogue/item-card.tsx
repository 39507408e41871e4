import type { Item, LiveAvailability } from "earmark/client"
import { useEffect, useRef } from "react"
import { Badge } from "../../ui/badge.tsx"
import { LiveNumber } from "../../ui/live-number.tsx"
import { count } from "../../ui/numbers.ts"
import { ItemPicture } from "../item-picture.tsx"
import type { Reserving } from "../reserving/use-reserve.ts"
import { LevelList } from "./level-list.tsx"
import { ReserveForm } from "./reserve-form.tsx"
import type { SeenBlock } from "./use-seen-block.ts"

interface ItemCardProps {
  readonly item: Item
  /** The latest; undefined until it has come. */
  readonly live: LiveAvailability | undefined
  readonly reserving: Reserving
  /** Its place among all that are listed, which another search changes. */
  readonly index: number
  readonly watch: SeenBlock["watch"]
}

export function ItemCard({ item, live, reserving, index, watch }: ItemCardProps) {
  const card = useRef<HTMLLIElement>(null)
  useEffect(() => (card.current ? watch(card.current, index) : undefined), [watch, index])
  const { sku, name, description, imageUrl } = item
  const { available, held, locations } = live ?? item
  const isSoldOut = available === 0
  return (
    <li
      ref={card}
      data-sku={sku}
      className="flex flex-col overflow-hidden rounded-2xl border border-line bg-panel shadow-xs"
    >
      <div className="relative">
        <ItemPicture name={name} imageUrl={imageUrl} className="aspect-[16/9]" />
        {isSoldOut && (
          <p className="absolute top-3 left-3 rounded-full bg-ink px-3 py-1 text-sm font-semibold text-page">
            Sold out
          </p>
        )}
      </div>
      <div className="flex flex-1 flex-col gap-4 p-4 sm:p-5">
        <div className="flex items-start justify-between gap-4">
          <div className="min-w-0">
            <h2 title={name} className="line-clamp-3 text-lg leading-snug font-semibold break-words">
              {name}
            </h2>
            <p className="mt-0.5 font-mono text-xs break-all text-muted">{sku}</p>
          </div>
          <p className="shrink-0 text-right leading-tight">
            <span className="text-2xl font-semibold">
              <LiveNumber value={available} />
            </span>{" "}
            <span className="block text-sm text-muted">available</span>
          </p>
        </div>
        {description !== null && description !== "" && (
          <p className="line-clamp-3 break-words text-muted">{description}</p>
        )}
        <LevelList levels={locations} />
        {held > 0 && (
          <p className="text-sm text-muted">
            <Badge tone="warn">{count(held)} held</Badge>{" "}
            {isSoldOut ? "What is not paid for comes back." : ""}
          </p>
        )}
        <div className="mt-auto">
          <ReserveForm item={item} levels={locations} isSoldOut={isSoldOut} reserving={reserving} />
        </div>
      </div>
    </li>
  )
}
