import { useState } from "react"
import { shop } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { TextField } from "../../ui/field.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { CommandFailure } from "./command-failure.tsx"
import { EndedMeanwhile } from "./ended-meanwhile.tsx"
import type { HoldDialogProps } from "./payment-dialog.tsx"
import { useCommand } from "./use-command.ts"

/** The service takes no longer reason. */
const REASON_LENGTH_MAX = 255

export function CancelDialog({ reservation, phase, onClose }: HoldDialogProps) {
  const tell = useTell()
  const [reason, setReason] = useState("")
  const release = useCommand(
    () => shop.reservations.release(reservation.id, reason === "" ? {} : { reason }),
    ({ state }) => {
      tell.good(
        state === "expired"
          ? "It had expired already; its units are back for sale."
          : "Cancelled: the units are back for sale.",
      )
      onClose()
    },
  )
  return (
    <Dialog title="Cancel this reservation?" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          release.run(undefined)
        }}
      >
        <p className="text-muted">The units go back for sale at once, and somebody else may take them.</p>
        <TextField
          label="Reason (if you like)"
          placeholder="Changed my mind"
          maxLength={REASON_LENGTH_MAX}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        {release.error === null && <EndedMeanwhile phase={phase} what="Cancelling" />}
        <CommandFailure error={release.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{release.isRefused ? "Close" : "Keep it"}</Button>
          {!release.isRefused && (
            <Button type="submit" kind="danger" isBusy={release.isPending}>
              Cancel it
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}
