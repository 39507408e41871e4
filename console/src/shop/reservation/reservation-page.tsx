import { getRouteApi } from "@tanstack/react-router"
import { isProblem, type Reservation } from "earmark/client"
import { useEffect, useRef } from "react"
import { useServerNow } from "../../api/clock.ts"
import { Failure, Loading } from "../../ui/notices.tsx"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { StateBadge } from "../../ui/state-badge.tsx"
import { Countdown } from "./countdown.tsx"
import { HoldActions } from "./hold-actions.tsx"
import { NoReservation, Revoked } from "./no-reservation.tsx"
import { PHASE_WORDS, phaseOf } from "./phase.ts"
import { ReserveAgain } from "./reserve-again.tsx"
import { Facts, ReservedLines } from "./reserved.tsx"
import { useReservation } from "./use-reservation.ts"

const route = getRouteApi("/reservations/$id")

export function ReservationPage() {
  const { id } = route.useParams()
  const { data, error, refetch } = useReservation(id)
  if (isProblem(error, "reservation_not_found")) return <NoReservation />
  if (isProblem(error, "reservation_revoked")) return <Revoked id={id} />
  // What was read before counts while the service does not answer; the frame says that it may be old.
  if (data !== undefined) return <Known reservation={data} />
  return (
    <>
      <PageHeader title="Reservation" />
      {error === null ? (
        <Loading label="Looking for the reservation" />
      ) : (
        <Failure error={error} onRetry={() => refetch()} />
      )}
    </>
  )
}

function Known({ reservation }: { readonly reservation: Reservation }) {
  const phase = phaseOf(reservation, useServerNow())
  const { title, tab, text } = PHASE_WORDS[phase]
  useFocusAfterEnd(phase)
  return (
    <>
      <PageHeader title={title} tabTitle={tab} actions={<StateBadge state={phase} />}>
        <span role="status">{text}</span>
      </PageHeader>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex flex-col gap-5">
          {phase === "held" && (
            <Panel>
              <Countdown reservation={reservation} />
            </Panel>
          )}
          <HoldActions reservation={reservation} phase={phase} />
          {phase !== "held" && <ReserveAgain reservation={reservation} />}
        </div>
        <div className="flex flex-col gap-5">
          <ReservedLines reservation={reservation} />
          <Facts reservation={reservation} />
        </div>
      </div>
    </>
  )
}

/** The button that had the focus is gone with the hold: what came of it is what is read next. */
function useFocusAfterEnd(phase: Reservation["state"]): void {
  const before = useRef(phase)
  useEffect(() => {
    if (before.current === phase) return
    before.current = phase
    if (document.activeElement !== document.body) return
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true })
  }, [phase])
}
