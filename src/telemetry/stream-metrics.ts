import { Counter, Gauge, type Registry } from "prom-client"

export interface StreamMetrics {
  eventStreams(open: number): void
  eventStreamDropped(): void
  liveConnections(open: number): void
  liveConnectionDropped(): void
  /** An availability that is told to everybody who watches the item. */
  liveChange(): void
  liveMessage(): void
}

export function createStreamMetrics(register: Registry): StreamMetrics {
  const registers = [register]
  const streams = new Gauge({
    name: "earmark_event_streams",
    help: "Streams of events that are open",
    registers,
  })
  const dropped = new Counter({
    name: "earmark_event_streams_dropped_total",
    help: "Streams of events that were ended because they were read too slowly",
    registers,
  })
  const connections = new Gauge({
    name: "earmark_live_connections",
    help: "WebSockets on which availability is watched",
    registers,
  })
  const counter = (name: string, help: string) =>
    new Counter({ name: `earmark_live_${name}_total`, help, registers })
  const connectionsDropped = counter("connections_dropped", "WebSockets that were ended because no pong came")
  const changes = counter(
    "changes",
    "Availabilities that were told, each counted once however many watch the item",
  )
  const messages = counter("messages", "Messages that were sent to those who watch")
  return {
    eventStreams: (open) => streams.set(open),
    eventStreamDropped: () => dropped.inc(),
    liveConnections: (open) => connections.set(open),
    liveConnectionDropped: () => connectionsDropped.inc(),
    liveChange: () => changes.inc(),
    liveMessage: () => messages.inc(),
  }
}
