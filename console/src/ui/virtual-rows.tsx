import { useWindowVirtualizer } from "@tanstack/react-virtual"
import { type ReactNode, useEffect, useRef } from "react"

interface VirtualRowsProps<Row> {
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** A first guess; each row is measured once it is there. */
  readonly rowHeightPx: number
  readonly children: (row: Row) => ReactNode
  /** Called when the end is near: a list of pages reads its next. */
  readonly onEndNear?: () => void
  /** Told which row is the first that can be seen: what is live need only be so for those around it. */
  readonly onFirstSeen?: (index: number) => void
  readonly label: string
}

/** Rows beyond what is seen, so that scrolling by keyboard finds something there. */
const OVERSCAN_ROWS = 8

/** A list of any length in which only what can be seen is in the page. It scrolls with the page. */
export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const { rows, keyOf, rowHeightPx, children, onEndNear, onFirstSeen, label } = props
  const list = useRef<HTMLUListElement>(null)
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeightPx,
    overscan: OVERSCAN_ROWS,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => keyOf(rows[index] as Row),
  })
  const items = virtual.getVirtualItems()
  // A filter may have left nothing of what was read so far: then the end is near too.
  const isEndNear = (items.at(-1)?.index ?? -1) >= rows.length - OVERSCAN_ROWS
  useEffect(() => {
    if (isEndNear) onEndNear?.()
  }, [isEndNear, onEndNear])
  const firstSeen = virtual.range?.startIndex ?? 0
  useEffect(() => {
    onFirstSeen?.(firstSeen)
  }, [firstSeen, onFirstSeen])
  return (
    <ul ref={list} aria-label={label} className="relative w-full" style={{ height: virtual.getTotalSize() }}>
      {items.map(({ index, key, start }) => (
        <li
          key={key}
          ref={virtual.measureElement}
          data-index={index}
          aria-setsize={rows.length}
          aria-posinset={index + 1}
          className="absolute top-0 left-0 w-full"
          style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
        >
          {children(rows[index] as Row)}
        </li>
      ))}
    </ul>
  )
}
