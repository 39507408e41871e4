import type { SinkStatus } from "../engine/sink-status.ts"
import type { WireSinkHealth } from "../protocol/health.ts"
import type { WireSink } from "../protocol/sinks.ts"

export function sinkHealthToWire({ name, lagSeconds, deadEvents, failure }: SinkStatus): WireSinkHealth {
  return {
    name,
    lagSeconds,
    deadEvents,
    failure: failure && { ...failure, since: failure.since.toISOString() },
  }
}

export function sinkToWire(status: SinkStatus): WireSink {
  const { movedAt, isDisabled } = status
  return { ...sinkHealthToWire(status), movedAt: movedAt.toISOString(), isDisabled }
}
