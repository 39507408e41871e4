import { PageHeader } from "../../ui/panel.tsx"

export function EventsPage() {
  return <PageHeader title="Events" />
}
