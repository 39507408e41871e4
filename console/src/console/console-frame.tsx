import { Link, linkOptions, Outlet } from "@tanstack/react-router"
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
  return (
    <>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <nav
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
