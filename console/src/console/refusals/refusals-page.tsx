import { PageHeader } from "../../ui/panel.tsx"

export function RefusalsPage() {
  return <PageHeader title="Why was this refused?" />
}
