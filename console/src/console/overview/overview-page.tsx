import { PageHeader } from "../../ui/panel.tsx"

export function OverviewPage() {
  return <PageHeader title="Overview" />
}
