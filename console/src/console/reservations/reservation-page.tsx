import { PageHeader } from "../../ui/panel.tsx"

export function ReservationPage() {
  return <PageHeader title="Reservation" />
}
