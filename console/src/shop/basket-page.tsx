import { PageHeader } from "../ui/panel.tsx"

export function BasketPage() {
  return <PageHeader title="Basket" />
}
