import type { Reservation } from "earmark/client"
import { useEffect, useState } from "react"
import { focusHeading } from "../../shell/page-focus.ts"
import { Button } from "../../ui/button.tsx"
import { Panel } from "../../ui/panel.tsx"
import { CancelDialog } from "./cancel-dialog.tsx"
import { ExtendForm } from "./extend-form.tsx"
import { PaymentDialog } from "./payment-dialog.tsx"

interface HoldActionsProps {
  readonly reservation: Reservation
  readonly phase: Reservation["state"]
}

/**
 * What a shopper can do with a hold. A dialog that is open stays open when the hold ends meanwhile: whether it is too late
 * is for the service to say, and not for this page.
 */
export function HoldActions({ reservation, phase }: HoldActionsProps) {
  const [opened, setOpened] = useState<"payment" | "cancel" | null>(null)
  const close = () => setOpened(null)
  useEffect(() => {
    if (phase === "held" || opened !== null || document.activeElement !== document.body) return
    // The button that had the focus is gone with the hold: what came of it is what is read next.
    focusHeading()
  }, [phase, opened])
  return (
    <>
      {phase === "held" && (
        <Panel>
          <div className="flex flex-col gap-5">
            <div className="flex flex-wrap gap-2">
              <Button kind="primary" className="flex-1" onClick={() => setOpened("payment")}>
                Pay and confirm
              </Button>
              <Button kind="danger" onClick={() => setOpened("cancel")}>
                Cancel
              </Button>
            </div>
            <ExtendForm reservation={reservation} />
          </div>
        </Panel>
      )}
      {opened === "payment" && <PaymentDialog reservation={reservation} phase={phase} onClose={close} />}
      {opened === "cancel" && <CancelDialog reservation={reservation} phase={phase} onClose={close} />}
    </>
  )
}
