import type { Reservation } from "earmark/client"
import { classNames } from "../../ui/class-names.ts"

export type End = Exclude<Reservation["state"], "held">

const DRAWN: Record<End, { readonly path: string; readonly color: string }> = {
  confirmed: { path: "M7 12.5l3.5 3.5L17 9", color: "border-good text-good" },
  released: { path: "M8.5 8.5l7 7m0-7l-7 7", color: "border-edge text-muted" },
  expired: { path: "M12 7v5.5l3.5 2", color: "border-edge text-muted" },
}

/** How a hold ended, seen from afar. */
export function EndMark({ end }: { readonly end: End }) {
  const { path, color } = DRAWN[end]
  return (
    <span
      aria-hidden="true"
      className={classNames("flex size-16 shrink-0 items-center justify-center rounded-full border-2", color)}
    >
      <svg viewBox="0 0 24 24" className="size-11 fill-none stroke-current" role="presentation">
        <path d={path} strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    </span>
  )
}
