import { PageHeader } from "../../ui/panel.tsx"

export function StockPage() {
  return <PageHeader title="Stock" />
}
