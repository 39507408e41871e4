import { Link } from "@tanstack/react-router"
import { useRecentEvents } from "../../api/recent-events.ts"
import { Empty } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"

const EVENTS_SHOWN = 12

/** The last things that happened, newest first, as they happen. */
export function RecentEvents() {
  const { events, total } = useRecentEvents({ eventsMax: EVENTS_SHOWN })
  return (
    <Panel
      title="As it happens"
      actions={
        <Link to="/console/events" className="text-accent underline">
          {total === 0 ? "All events" : `All events (${count(total)} since you look)`}
        </Link>
      }
    >
      {events.length === 0 ? (
        <Empty title="Nothing has happened since you look">
          Reserve something in the shop and see it here.
        </Empty>
      ) : (
        <ol aria-label="Latest events">
          {events.map((event) => (
            <li
              key={event.id}
              className="flex justify-between gap-3 border-t border-line py-1.5 text-sm first:border-t-0"
            >
              <span className="min-w-0 truncate">
                <span className="font-medium">{event.type}</span>{" "}
                <span className="text-muted">{event.subject}</span>
              </span>
              <time dateTime={event.time} className="text-muted">
                {event.time.slice(11, 19)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
