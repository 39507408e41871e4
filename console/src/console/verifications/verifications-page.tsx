import { PageHeader } from "../../ui/panel.tsx"

export function VerificationsPage() {
  return <PageHeader title="Laws" />
}
