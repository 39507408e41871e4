import { useServerNow } from "../api/clock.ts"
import { countdown } from "../ui/numbers.ts"

/** Of a hold, by the service's clock. It is over at its deadline, recorded or not. */
export function TimeLeft({ expiresAt }: { readonly expiresAt: string }) {
  const nowMs = useServerNow()
  if (nowMs === null) return null
  const leftMs = Date.parse(expiresAt) - nowMs
  if (leftMs <= 0) return <span className="whitespace-nowrap text-bad">overdue</span>
  return <span className="whitespace-nowrap">{countdown(leftMs)} left</span>
}
