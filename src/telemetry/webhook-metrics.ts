import { Counter, Gauge, type Registry } from "prom-client"

/** All webhooks together, as whoever scrapes sees them. */
export interface WebhooksSample {
  readonly enabled: number
  readonly disabled: number
  readonly failing: number
  readonly waiting: number
}

export interface WebhookMetrics {
  /** Reads them whenever somebody scrapes. */
  setWebhooks(read: () => Promise<WebhooksSample>): void
  /** What the worker that delivers reports to. */
  readonly webhooks: {
    attempted(outcome: string): void
    settled(state: string): void
  }
}

const NONE: WebhooksSample = { enabled: 0, disabled: 0, failing: 0, waiting: 0 }

export function createWebhookMetrics(register: Registry): WebhookMetrics {
  const registers = [register]
  let read: () => Promise<WebhooksSample | null> = async () => null
  // One look for the gauges of one scrape.
  let looking: Promise<WebhooksSample | null> | null = null
  const look = () => {
    // What they are cannot be known while the database is away.
    looking ??= read()
      .catch(() => null)
      .finally(() => {
        looking = null
      })
    return looking
  }
  const attempts = new Counter({
    name: "earmark_webhook_attempts_total",
    help: "Attempts of this process to deliver to a webhook, by what came of them",
    labelNames: ["outcome"],
    registers,
  })
  const deliveries = new Counter({
    name: "earmark_webhook_deliveries_total",
    help: "Deliveries to webhooks that this process has settled, by how they ended",
    labelNames: ["outcome"],
    registers,
  })
  new Gauge({
    name: "earmark_webhook_waiting",
    help: "Deliveries that webhooks are owed; what follows them is still in the feed",
    registers,
    async collect() {
      this.set((await look())?.waiting ?? 0)
    },
  })
  new Gauge({
    name: "earmark_webhooks",
    help: "Webhooks, by how they are",
    labelNames: ["state"],
    registers,
    async collect() {
      const { enabled, failing, disabled } = (await look()) ?? NONE
      this.set({ state: "enabled" }, enabled - failing)
      this.set({ state: "failing" }, failing)
      this.set({ state: "disabled" }, disabled)
    },
  })
  return {
    setWebhooks(next) {
      read = next
    },
    webhooks: {
      attempted: (outcome) => attempts.inc({ outcome }),
      settled: (outcome) => deliveries.inc({ outcome }),
    },
  }
}
