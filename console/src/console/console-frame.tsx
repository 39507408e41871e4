import { Link, Outlet } from "@tanstack/react-router"

const NAV =
  "rounded-md px-2.5 py-1.5 text-muted whitespace-nowrap hover:text-ink aria-[current]:bg-sunken aria-[current]:text-ink"

export function ConsoleFrame() {
  return (
    <>
      <nav aria-label="Console" className="mb-5 flex gap-1 overflow-x-auto text-sm font-medium">
        <Link to="/console" activeOptions={{ exact: true }} className={NAV}>
          Overview
        </Link>
      </nav>
      <Outlet />
    </>
  )
}
