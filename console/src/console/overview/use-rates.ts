import { useQuery } from "@tanstack/react-query"
import type { Statistics } from "earmark/client"
import { useEffect, useRef, useState } from "react"
import { operator } from "../../api/client.ts"
import { type Rates, ratesBetween } from "./rates.ts"

const LOOK_INTERVAL_MS = 1_000
/** Five minutes of looks: what one wants to see of a sale, and all that a plot can show. */
const RATES_MAX = 300

interface Counted {
  readonly rates: readonly Rates[]
  /** null until the first answer. */
  readonly latest: Statistics | null
  readonly error: unknown
}

/** Looks at the counters once a second for as long as the page is open and seen. */
export function useRates(): Counted {
  const { data = null, error } = useQuery({
    queryKey: ["statistics"],
    queryFn: ({ signal }) => operator.health.statistics({ signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  })
  const before = useRef<Statistics>(null)
  const [rates, setRates] = useState<readonly Rates[]>([])
  useEffect(() => {
    if (data === null) return
    const between = before.current && ratesBetween(before.current, data)
    // Another process's counters begin at 0: what was drawn of the one before is over.
    const isAnew = before.current !== null && before.current.process.startedAt !== data.process.startedAt
    before.current = data
    if (between) setRates((earlier) => [...earlier, between].slice(-RATES_MAX))
    else if (isAnew) setRates([])
  }, [data])
  return { rates, latest: data, error }
}
