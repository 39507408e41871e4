import type { Reservation } from "earmark/client"
import { operator } from "../../api/client.ts"
import { TextField } from "../../ui/field.tsx"
import { moment } from "../../ui/numbers.ts"
import { useTell } from "../../ui/toasts.tsx"
import { FormDialog } from "../form-dialog.tsx"

interface ReservationDialogProps {
  readonly reservation: Reservation
  readonly onClose: () => void
}

export function ReleaseDialog({ reservation: { id }, onClose }: ReservationDialogProps) {
  const tell = useTell()
  return (
    <FormDialog
      title="Release this reservation"
      action="Release"
      isDanger
      onClose={onClose}
      pointers={["/reason"]}
      send={(form, options) =>
        operator.reservations.release(id, { reason: String(form.get("reason")) }, options)
      }
      onDone={({ state }) =>
        tell.good(
          state === "released" ? "It is released: its units can be sold again." : `It is ${state} already.`,
        )
      }
    >
      {(errorAt) => (
        <>
          <p>Its units go back on sale at once. Whoever held them cannot confirm any more.</p>
          <TextField name="reason" label="Reason" hint="The journal keeps it." error={errorAt("/reason")} />
        </>
      )}
    </FormDialog>
  )
}

const MINUTE_SECONDS = 60

export function ExtendDialog({ reservation: { id, ttlSeconds }, onClose }: ReservationDialogProps) {
  const tell = useTell()
  return (
    <FormDialog
      title="Extend this reservation"
      action="Extend"
      onClose={onClose}
      pointers={["/ttlSeconds"]}
      send={(form, options) => {
        const seconds = Math.round(Number(form.get("minutes")) * MINUTE_SECONDS)
        return operator.reservations.extend(id, { ttlSeconds: seconds }, options)
      }}
      onDone={({ expiresAt }) => tell.good(`It is held until ${moment(expiresAt)}.`)}
    >
      {(errorAt) => (
        <TextField
          name="minutes"
          label="Minutes from now"
          type="number"
          min="1"
          defaultValue={Math.ceil(ttlSeconds / MINUTE_SECONDS)}
          hint="The deadline never moves to an earlier moment."
          error={errorAt("/ttlSeconds")}
        />
      )}
    </FormDialog>
  )
}
