import { Link } from "@tanstack/react-router"
import type { Item, LiveAvailability } from "earmark/client"
import type { ReactNode } from "react"
import { PageHeader } from "../../ui/panel.tsx"
import { nameOf, useLocations } from "../use-locations.ts"

interface IntroductionProps {
  readonly items: readonly Item[]
  readonly live: ReadonlyMap<string, LiveAvailability>
}

/** For whoever has never seen this: what it is, and how to see for oneself that it keeps its word. */
export function Introduction({ items, live }: IntroductionProps) {
  const last = useLastUnit({ items, live })
  return (
    <>
      <PageHeader title="What you reserve here is yours until its deadline" tabTitle="Shop">
        Earmark sets units of stock aside for whoever comes first, counts down, and gives them back when the
        time is over. It never promises a unit twice, however many people click at the same moment.
      </PageHeader>
      <ul className="mb-8 grid grid-cols-1 gap-3 text-sm sm:grid-cols-3">
        <Try
          link={
            <a href="/" target="_blank" rel="noopener" className={LINK}>
              Open this page in a second tab
            </a>
          }
        >
          and reserve {last} in both: one of them gets it, the other is told what is left.
        </Try>
        <Try
          link={
            <Link to="/theatre" className={LINK}>
              Watch a flash sale
            </Link>
          }
        >
          with thousands of buyers at once, also against a way of selling that is broken on purpose.
        </Try>
        <Try
          link={
            <Link to="/console" className={LINK}>
              Look behind the counter
            </Link>
          }
        >
          at each hold, what was refused and why, and every change of stock.
        </Try>
      </ul>
    </>
  )
}

const LINK = "font-semibold text-accent underline decoration-1 underline-offset-3 hover:decoration-2"

function Try({ link, children }: { readonly link: ReactNode; readonly children: ReactNode }) {
  return (
    <li className="rounded-xl border border-line bg-panel p-4 text-muted">
      <p className="mb-1 text-base">{link}</p>
      <p className="line-clamp-4">{children}</p>
    </li>
  )
}

/** One that there really is, if there is one; also while it is held, which is when the second tab asks for it. */
function useLastUnit({ items, live }: IntroductionProps): ReactNode {
  const locations = useLocations()
  for (const { sku, name, ...read } of items) {
    const levels = live.get(sku)?.locations ?? read.locations
    const level = levels.find(({ onHand, safetyStock }) => onHand - safetyStock === 1)
    if (level === undefined) continue
    return (
      <strong key={sku} className="font-semibold break-words text-ink">
        the last {name} at {nameOf(locations, level.location)}
      </strong>
    )
  }
  return "the last unit of something"
}
