import { Counter, Gauge, type Registry } from "prom-client"

/** A sink of events, as whoever scrapes sees it. */
export interface SinkSample {
  readonly name: string
  readonly lagSeconds: number
  readonly isFailing: boolean
  readonly deadEvents: number
}

export interface SinkMetrics {
  /** Reads the sinks whenever somebody scrapes. */
  setSinks(read: () => Promise<readonly SinkSample[]>): void
  /** What a relay of this process has handed on. */
  relayed(sink: string, events: number, refused: number): void
}

export function createSinkMetrics(register: Registry): SinkMetrics {
  let read: () => Promise<readonly SinkSample[]> = async () => []
  // One look for the gauges of one scrape.
  let looking: Promise<readonly SinkSample[]> | null = null
  const look = () => {
    looking ??= read()
      .catch(() => [])
      .finally(() => {
        looking = null
      })
    return looking
  }
  const gauge = (name: string, help: string, measure: (samples: readonly SinkSample[]) => number) =>
    new Gauge({
      name: `earmark_sink_${name}`,
      help,
      labelNames: ["sink"],
      registers: [register],
      async collect() {
        this.reset()
        for (const [sink, samples] of byKind(await look())) this.set({ sink }, measure(samples))
      },
    })
  gauge(
    "lag_seconds",
    "How long the oldest event that a sink was not told of has been waiting; webhooks that are disabled do not count",
    (samples) => Math.max(...samples.map(({ lagSeconds }) => lagSeconds)),
  )
  gauge(
    "failing",
    "Sinks that take no events at present",
    (samples) => samples.filter(({ isFailing }) => isFailing).length,
  )
  gauge("dead_events", "Events that a sink has refused for good", (samples) =>
    samples.reduce((sum, { deadEvents }) => sum + deadEvents, 0),
  )
  const relayed = new Counter({
    name: "earmark_sink_events_total",
    help: "Events that this process has handed on to a sink, by what came of them",
    labelNames: ["sink", "outcome"],
    registers: [register],
  })
  return {
    setSinks(next) {
      read = next
    },
    relayed(sink, delivered, refused) {
      relayed.inc({ sink: kindOf(sink), outcome: "delivered" }, delivered)
      if (refused > 0) relayed.inc({ sink: kindOf(sink), outcome: "refused" }, refused)
    },
  }
}

/** Of `webhook:<id>` there may be many: they are told of together. */
function kindOf(sink: string): string {
  return sink.split(":", 1)[0] ?? sink
}

function byKind(samples: readonly SinkSample[]): Map<string, SinkSample[]> {
  return Map.groupBy(samples, ({ name }) => kindOf(name))
}
