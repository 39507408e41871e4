import { Link, linkOptions, Outlet, useLocation } from "@tanstack/react-router"
import { useEffect, useRef } from "react"
import { SearchBox } from "./search/search-box.tsx"

const NAV =
  "flex min-h-11 items-center rounded-md px-2.5 text-muted whitespace-nowrap hover:text-ink aria-[current]:bg-sunken aria-[current]:text-ink"

const ENTRIES = linkOptions([
  { to: "/console", label: "Overview", activeOptions: { exact: true } },
  { to: "/console/stock", label: "Stock", activeOptions: { includeSearch: false } },
  { to: "/console/reservations", label: "Reservations", activeOptions: { includeSearch: false } },
  { to: "/console/refusals", label: "Refusals", activeOptions: { includeSearch: false } },
  { to: "/console/events", label: "Events", activeOptions: { includeSearch: false } },
  { to: "/console/webhooks", label: "Webhooks" },
  { to: "/console/sinks", label: "Sinks" },
  { to: "/console/verifications", label: "Laws" },
])

export function ConsoleFrame() {
  const nav = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  // Where not all entries have room, the one of this page is seen. The page itself must not scroll for it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path has another entry
  useEffect(() => {
    const entry = nav.current?.querySelector<HTMLElement>("[aria-current]")
    if (nav.current && entry) nav.current.scrollLeft = entry.offsetLeft - nav.current.offsetLeft
  }, [pathname])
  return (
    <>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <nav
          ref={nav}
          aria-label="Console"
          className="-mx-1 flex max-w-full gap-1 overflow-x-auto px-1 text-sm font-medium"
        >
          {ENTRIES.map(({ label, ...entry }) => (
            <Link key={entry.to} {...entry} className={NAV}>
              {label}
            </Link>
          ))}
        </nav>
        <SearchBox />
      </div>
      <Outlet />
    </>
  )
}
