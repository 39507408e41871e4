import { PageHeader } from "../../ui/panel.tsx"

export function ReservationsPage() {
  return <PageHeader title="Reservations" />
}
