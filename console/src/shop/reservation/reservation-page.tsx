import { getRouteApi } from "@tanstack/react-router"
import { isProblem, type Reservation } from "earmark/client"
import { Failure, Loading } from "../../ui/notices.tsx"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { StateBadge } from "../../ui/state-badge.tsx"
import { Countdown } from "./countdown.tsx"
import { HoldActions } from "./hold-actions.tsx"
import { NoReservation, Revoked } from "./no-reservation.tsx"
import { Outcome } from "./outcome.tsx"
import { PHASE_WORDS, usePhase, type Words } from "./phase.ts"
import { Facts, ReservedLines } from "./reserved.tsx"
import { useReservation } from "./use-reservation.ts"

const route = getRouteApi("/reservations/$id")

/** One heading for whatever there is to show, so that the focus stays on it when what was asked for comes. */
export function ReservationPage() {
  const { id } = route.useParams()
  const found = useReservation(id)
  const phase = usePhase(found.data)
  const { title, tab, text } = wordsOf(phase, found.error)
  return (
    <>
      <PageHeader title={title} tabTitle={tab} actions={phase && <StateBadge state={phase} />}>
        <span role="status">{text}</span>
      </PageHeader>
      <Content id={id} found={found} phase={phase} />
    </>
  )
}

interface ContentProps {
  readonly id: string
  readonly found: ReturnType<typeof useReservation>
  readonly phase: Reservation["state"] | null
}

function Content({ id, found: { data, error, refetch }, phase }: ContentProps) {
  if (isProblem(error, "reservation_not_found")) return <NoReservation />
  if (isProblem(error, "reservation_revoked")) return <Revoked id={id} />
  // What was read before counts while the service does not answer; the frame says that it may be old.
  if (data !== undefined && phase !== null) return <Known reservation={data} phase={phase} />
  if (error === null) return <Loading label="Looking for the reservation" />
  return <Failure error={error} onRetry={() => refetch()} />
}

interface KnownProps {
  readonly reservation: Reservation
  readonly phase: Reservation["state"]
}

function Known({ reservation, phase }: KnownProps) {
  return (
    <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex flex-col gap-5">
        {phase === "held" && (
          <Panel>
            <Countdown reservation={reservation} />
          </Panel>
        )}
        <HoldActions reservation={reservation} phase={phase} />
        {phase !== "held" && <Outcome reservation={reservation} end={phase} />}
      </div>
      <div className="flex flex-col gap-5">
        <ReservedLines reservation={reservation} />
        <Facts reservation={reservation} />
      </div>
    </div>
  )
}

function wordsOf(phase: Reservation["state"] | null, error: Error | null): Words {
  if (isProblem(error, "reservation_not_found")) {
    return { title: "There is no such reservation", tab: "No such reservation", text: "" }
  }
  if (isProblem(error, "reservation_revoked")) {
    return { title: "This reservation could not be kept", tab: "Revoked", text: "" }
  }
  return phase === null ? { title: "Reservation", tab: "Reservation", text: "" } : PHASE_WORDS[phase]
}
