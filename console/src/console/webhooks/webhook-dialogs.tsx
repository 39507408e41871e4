import { useNavigate } from "@tanstack/react-router"
import type { Webhook, WebhookWithSecret } from "earmark/client"
import { operator } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Copyable } from "../../ui/copyable.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { TextField } from "../../ui/field.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { FormDialog } from "../form-dialog.tsx"
import { detailsIn, newDetailsIn, WEBHOOK_POINTERS, WebhookFields } from "./webhook-form.tsx"

interface SecretMade {
  readonly onClose: () => void
  readonly onSecret: (made: WebhookWithSecret) => void
}

export function AddDialog({ onClose, onSecret }: SecretMade) {
  return (
    <FormDialog
      title="Add a webhook"
      action="Add"
      onClose={onClose}
      pointers={WEBHOOK_POINTERS}
      send={(form, options) => operator.webhooks.add(newDetailsIn(form), options)}
      onDone={onSecret}
    >
      {(errorAt) => <WebhookFields errorAt={errorAt} />}
    </FormDialog>
  )
}

interface WebhookDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
}

export function EditDialog({ webhook, onClose }: WebhookDialogProps) {
  const tell = useTell()
  return (
    <FormDialog
      title="Change this webhook"
      action="Change"
      onClose={onClose}
      pointers={WEBHOOK_POINTERS}
      send={(form, options) => operator.webhooks.change(webhook.id, detailsIn(form), options)}
      onDone={() => tell.good("It is changed.")}
    >
      {(errorAt) => <WebhookFields webhook={webhook} errorAt={errorAt} />}
    </FormDialog>
  )
}

const HOUR_SECONDS = 3_600

export function RotateDialog({ webhook, onClose, onSecret }: WebhookDialogProps & SecretMade) {
  return (
    <FormDialog
      title="Make another secret"
      action="Make it"
      onClose={onClose}
      pointers={["/overlapSeconds"]}
      send={(form, options) => {
        const overlapSeconds = Math.round(Number(form.get("hours") || Number.NaN) * HOUR_SECONDS)
        return operator.webhooks.rotateSecret(webhook.id, { overlapSeconds }, options)
      }}
      onDone={onSecret}
    >
      {(errorAt) => (
        <TextField
          name="hours"
          label="Hours of overlap"
          type="number"
          min="0"
          defaultValue="24"
          hint="So long messages are signed with the former secret too."
          error={errorAt("/overlapSeconds")}
        />
      )}
    </FormDialog>
  )
}

export function RemoveDialog({ webhook, onClose }: WebhookDialogProps) {
  const navigate = useNavigate()
  return (
    <FormDialog
      title="Remove this webhook"
      action="Remove"
      isDanger
      onClose={onClose}
      pointers={[]}
      send={(_form, options) => operator.webhooks.remove(webhook.id, options)}
      onDone={() => void navigate({ to: "/console/webhooks" })}
    >
      {() => (
        <p className="break-words">
          Nothing is sent to <b>{webhook.url}</b> any more, and its deliveries are forgotten.
        </p>
      )}
    </FormDialog>
  )
}

/** The only place where it is ever shown. */
export function SecretDialog({
  made,
  onClose,
}: {
  readonly made: WebhookWithSecret
  readonly onClose: () => void
}) {
  return (
    <Dialog title="Its secret" onClose={onClose}>
      <p className="mb-3">
        Messages are signed with it. Give it to whoever receives them now: it is shown here and nowhere else.
      </p>
      <Copyable text={made.secret} />
      <div className="mt-4 flex justify-end">
        <Button kind="primary" onClick={onClose}>
          I have it
        </Button>
      </div>
    </Dialog>
  )
}
