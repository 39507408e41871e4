import type { Reservation } from "earmark/client"
import { useState } from "react"
import { shop } from "../../api/client.ts"
import { useServerNow } from "../../api/clock.ts"
import { Button } from "../../ui/button.tsx"
import { SelectField } from "../../ui/field.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { CommandFailure } from "./command-failure.tsx"
import { useCommand } from "./use-command.ts"

const STEPS = [
  { name: "1 minute", seconds: 60 },
  { name: "5 minutes", seconds: 300 },
  { name: "30 minutes", seconds: 1_800 },
  { name: "12 hours", seconds: 43_200 },
] as const

/** The service counts from now; a shopper from the deadline. */
export function ExtendForm({ reservation }: { readonly reservation: Reservation }) {
  const tell = useTell()
  const nowMs = useServerNow()
  const [moreSeconds, setMoreSeconds] = useState<number>(STEPS[0].seconds)
  const leftMs = nowMs === null ? 0 : Date.parse(reservation.expiresAt) - nowMs
  const extend = useCommand(
    (ttlSeconds: number) => shop.reservations.extend(reservation.id, { ttlSeconds }),
    () => tell.good("Extended: the deadline is later now."),
  )
  return (
    <form
      className="flex flex-col gap-3 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault()
        extend.run(Math.max(0, Math.ceil(leftMs / 1_000)) + moreSeconds)
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-40 flex-1">
          <SelectField
            label="More time"
            value={moreSeconds}
            onChange={({ target }) => setMoreSeconds(Number(target.value))}
          >
            {STEPS.map(({ name, seconds }) => (
              <option key={seconds} value={seconds}>
                {name}
              </option>
            ))}
          </SelectField>
        </div>
        <Button type="submit" isBusy={extend.isPending}>
          Extend
        </Button>
      </div>
      <CommandFailure error={extend.error} />
    </form>
  )
}
