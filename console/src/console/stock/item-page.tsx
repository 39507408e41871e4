import { PageHeader } from "../../ui/panel.tsx"

export function ItemPage() {
  return <PageHeader title="Item" />
}
