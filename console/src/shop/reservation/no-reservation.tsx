import { Link } from "@tanstack/react-router"
import { Notice } from "../../ui/notice.tsx"
import { Empty } from "../../ui/notices.tsx"
import { WhatHappened } from "./reserved.tsx"

export function NoReservation() {
  return (
    <Empty title="The service knows none with this id">
      Old ones are forgotten after a while.{" "}
      <Link to="/" className="font-medium text-accent underline">
        To the shop
      </Link>
    </Empty>
  )
}

/** Reading one answers 410, as it was never written down: the memory that had granted it was lost. */
export function Revoked({ id }: { readonly id: string }) {
  return (
    <Notice tone="bad" title="It was revoked">
      <p>
        It was provisional, and what had granted it lost its memory before it was written down. Nothing was
        charged, and nothing was sold twice. We are sorry: please reserve again.
      </p>
      <p className="flex flex-wrap gap-x-4">
        <Link to="/" className="font-medium text-accent underline">
          To the shop
        </Link>
        <WhatHappened id={id} />
      </p>
    </Notice>
  )
}
