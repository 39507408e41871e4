import { PageHeader } from "../../ui/panel.tsx"

export function WebhookPage() {
  return <PageHeader title="Webhook" />
}
