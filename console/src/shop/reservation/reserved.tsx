import type { Reservation } from "earmark/client"
import type { ReactNode } from "react"
import { Copyable } from "../../ui/copyable.tsx"
import { Moment } from "../../ui/moment.tsx"
import { count } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"
import { ItemPicture } from "../item-picture.tsx"
import { useItems } from "../use-items.ts"
import { nameOf, useLocations } from "../use-locations.ts"

export function ReservedLines({ reservation: { lines } }: { readonly reservation: Reservation }) {
  const items = useItems(lines.map(({ sku }) => sku))
  const locations = useLocations()
  return (
    <Panel title="What is reserved">
      <ul className="flex flex-col gap-3">
        {lines.map(({ sku, location, quantity }) => {
          const item = items.get(sku)
          return (
            <li key={`${sku} ${location}`} className="flex items-center gap-3">
              <ItemPicture
                name={item?.name ?? sku}
                imageUrl={item?.imageUrl ?? null}
                className="size-12 shrink-0 rounded-lg"
              />
              <p className="min-w-0 flex-1">
                <span className="block leading-snug font-medium break-words">{item?.name ?? sku}</span>
                <span className="block text-sm break-words text-muted">
                  from {nameOf(locations, location)}
                </span>
              </p>
              <p className="text-lg font-semibold">
                <span className="sr-only">quantity </span>
                <span aria-hidden="true" className="text-sm font-normal text-muted">
                  ×{" "}
                </span>
                {count(quantity)}
              </p>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

export function Facts({ reservation }: { readonly reservation: Reservation }) {
  const { id, createdAt, expiresAt, reference, durability, state } = reservation
  return (
    <Panel title="Details">
      <dl className="flex flex-col gap-3 text-sm">
        <Fact name="Reservation">
          <Copyable text={id} />
        </Fact>
        <Fact name="Made">
          <Moment at={createdAt} />
        </Fact>
        {state === "held" && (
          <Fact name="Deadline">
            <Moment at={expiresAt} />
          </Fact>
        )}
        {reference !== null && <Fact name="Reference">{reference}</Fact>}
        {durability === "provisional" && <Fact name="Durability">provisional, for a moment</Fact>}
      </dl>
      <p className="mt-4 border-t border-line pt-3">
        <WhatHappened id={id} />
      </p>
    </Panel>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  )
}

export function WhatHappened({ id }: { readonly id: string }) {
  return (
    <a
      href={`/console/reservations/${encodeURIComponent(id)}`}
      className="inline-flex min-h-11 items-center font-medium text-accent underline"
    >
      What happened to it, step by step
    </a>
  )
}
