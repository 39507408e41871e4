import type { Reservation } from "earmark/client"
import { useState } from "react"
import { shop } from "../../api/client.ts"
import { useServerNow } from "../../api/clock.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { TextField } from "../../ui/field.tsx"
import { count, countdown } from "../../ui/numbers.ts"
import { useTell } from "../../ui/toasts.tsx"
import { randomHex } from "../reserving/shopper.ts"
import { CommandFailure } from "./command-failure.tsx"
import { EndedMeanwhile } from "./ended-meanwhile.tsx"
import { useCommand } from "./use-command.ts"

const REFERENCE_BYTES = 3
/** The service takes no longer reference. */
const REFERENCE_LENGTH_MAX = 255

export interface HoldDialogProps {
  readonly reservation: Reservation
  readonly phase: Reservation["state"]
  readonly onClose: () => void
}

export function PaymentDialog({ reservation, phase, onClose }: HoldDialogProps) {
  const tell = useTell()
  const nowMs = useServerNow()
  const [reference, setReference] = useState(() => `order-${randomHex(REFERENCE_BYTES)}`)
  const confirm = useCommand(
    () => shop.reservations.confirm(reservation.id, reference === "" ? {} : { reference }),
    () => {
      tell.good("Paid and confirmed: it is yours.")
      onClose()
    },
  )
  const units = reservation.lines.reduce((sum, { quantity }) => sum + quantity, 0)
  return (
    <Dialog title="Pay and confirm" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          confirm.run(undefined)
        }}
      >
        <p className="text-muted">
          A pretend payment for {count(units)} {units === 1 ? "unit" : "units"}: no money moves, and no card
          is asked for. What it does is real: the hold becomes a sale.
        </p>
        <TextField
          label="Reference"
          hint="What the shop calls it, kept with the reservation."
          maxLength={REFERENCE_LENGTH_MAX}
          value={reference}
          onChange={({ target }) => setReference(target.value)}
        />
        {confirm.error === null && <EndedMeanwhile phase={phase} what="Paying" />}
        <CommandFailure error={confirm.error} />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-lg font-semibold">
            {phase === "held" && nowMs !== null && (
              <>
                {countdown(Date.parse(reservation.expiresAt) - nowMs)}{" "}
                <span className="text-sm font-normal text-muted">left</span>
              </>
            )}
          </p>
          <div className="flex flex-wrap gap-2">
            <Button onClick={onClose}>{confirm.isRefused ? "Close" : "Not now"}</Button>
            {!confirm.isRefused && (
              <Button type="submit" kind="primary" isBusy={confirm.isPending}>
                Pay now
              </Button>
            )}
          </div>
        </div>
      </form>
    </Dialog>
  )
}
