import { Counter, Gauge, type Registry } from "prom-client"

export interface StreamMetrics {
  eventStreams(open: number): void
  eventStreamDropped(): void
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
  return {
    eventStreams: (open) => streams.set(open),
    eventStreamDropped: () => dropped.inc(),
  }
}
