import { PageHeader } from "../../ui/panel.tsx"

export function SinksPage() {
  return <PageHeader title="Sinks of events" />
}
