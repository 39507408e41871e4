import { PageHeader } from "../../ui/panel.tsx"

export function SearchPage() {
  return <PageHeader title="Search" />
}
