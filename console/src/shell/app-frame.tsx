import { Link, Outlet } from "@tanstack/react-router"
import { useIsConnectionLost } from "../api/connection.ts"
import { BasketLink } from "../shop/basket/basket-link.tsx"
import { usePageFocus } from "./page-focus.ts"
import { useTheme } from "./theme.ts"

const NAV =
  "rounded-md px-2.5 py-2 font-medium text-muted hover:text-ink aria-[current]:bg-sunken aria-[current]:text-ink"

/** What is around every page. */
export function AppFrame() {
  usePageFocus()
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:bg-panel focus:p-2"
      >
        To the page's content
      </a>
      <header className="border-b border-line bg-panel">
        <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-1 gap-y-1 px-3 py-2 sm:px-6">
          <Link to="/" className="mr-2 flex items-center gap-2 text-lg font-semibold tracking-tight">
            <img src="/assets/earmark.svg" alt="" width="26" height="26" />
            Earmark
          </Link>
          <nav
            aria-label="Pages"
            className="flex items-center text-sm max-sm:order-last max-sm:-ml-2.5 max-sm:w-full"
          >
            <Link to="/" activeOptions={{ exact: true }} className={NAV}>
              Shop
            </Link>
            <Link to="/theatre" className={NAV}>
              Theatre
            </Link>
            <Link to="/console" className={NAV}>
              Console
            </Link>
            <a href="/docs" className={`${NAV} max-sm:hidden`}>
              API
            </a>
          </nav>
          <div className="ml-auto flex items-center">
            <ThemeButton />
            <BasketLink />
          </div>
        </div>
      </header>
      <ConnectionNotice />
      <main
        id="page"
        tabIndex={-1}
        className="mx-auto w-full max-w-7xl flex-1 px-3 py-6 outline-none sm:px-6"
      >
        <Outlet />
      </main>
    </div>
  )
}

function ThemeButton() {
  const [theme, next] = useTheme()
  return (
    <button
      type="button"
      onClick={next}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change it`}
      className="min-h-11 min-w-11 text-lg text-muted hover:text-ink"
    >
      <span aria-hidden="true">◐</span>
    </button>
  )
}

/** What is shown may be old now, which nothing else on the page would tell. */
function ConnectionNotice() {
  const isLost = useIsConnectionLost()
  return (
    <div role="status" className="bg-held text-center font-medium text-[oklch(0.24_0.015_170)] empty:hidden">
      {isLost && (
        <p className="p-2">No connection to the service. What you see may be old; it is tried again.</p>
      )}
    </div>
  )
}
