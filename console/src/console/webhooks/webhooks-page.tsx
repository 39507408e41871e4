import { PageHeader } from "../../ui/panel.tsx"

export function WebhooksPage() {
  return <PageHeader title="Webhooks" />
}
