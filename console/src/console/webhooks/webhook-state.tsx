import type { Webhook } from "earmark/client"
import { Badge } from "../../ui/badge.tsx"

/** Whether it is sent to, and if not, why. */
export function WebhookState({ webhook: { state, disabledReason, circuit } }: { readonly webhook: Webhook }) {
  if (state === "disabled") {
    return <Badge>{disabledReason === "gone" ? "disabled: it answered 410" : "disabled"}</Badge>
  }
  if (circuit.state === "open") return <Badge tone="bad">failing, left alone</Badge>
  if (circuit.state === "half_open") return <Badge tone="warn">failing, being probed</Badge>
  return <Badge tone="good">enabled</Badge>
}
