/** What it costs to tell everybody: selling while a worker hands each event on, and how fast it does so alone. */
import { openStock, reserveOneOfEach } from "../engine-contender.ts"
import { applyLoad } from "../load/apply-load.ts"
import { startStreamReceiver } from "../redis/stream-receiver.ts"
import type { SizeName } from "../result.ts"
import type { Contender, Load, Scenario } from "../scenario.ts"
import { until } from "../until.ts"
import { startWorkerProcess } from "../worker-process.ts"
import { compare } from "./compare.ts"
import { startKafkaReceiver } from "./kafka-receiver.ts"
import { openLateWriter } from "./late-writer.ts"
import type { Receiver, Told } from "./receiver.ts"
import { startWebhookReceiver } from "./webhook-receiver.ts"

const LEVELS: Readonly<Record<SizeName, number>> = { small: 10, quick: 100, full: 100 }
const CALLERS = 256
const OPEN_SHARE = 0.2
/** Reservations of one round, each of them an event. */
const BURST: Readonly<Record<SizeName, number>> = { small: 1000, quick: 50_000, full: 200_000 }
/** Sold while the worker stands still, to see how fast it hands on what it finds. */
const BACKLOG: Readonly<Record<SizeName, number>> = { small: 500, quick: 20_000, full: 50_000 }
const ROUND_SECONDS: Readonly<Record<SizeName, number>> = { small: 5, quick: 15, full: 40 }
const OPEN_SECONDS = 5

const NOBODY: Receiver = {
  settings: {},
  hearsThePast: false,
  told: async () => 0,
  async *read() {},
  async stop() {},
}

/** The worker runs beside in any case; without a receiver it only tidies. */
function selling(name: string, start: ((told: Told) => Promise<Receiver>) | null): Contender {
  return {
    name,
    role: "strategy",
    openSeconds: { small: OPEN_SECONDS, quick: OPEN_SECONDS, full: OPEN_SECONDS },
    async open(surroundings) {
      const { server, size, stopping } = surroundings
      const { opened, schema, close } = await openStock(surroundings, "batched", LEVELS[size])
      const lateWriter = await openLateWriter(opened.engine, server.url)
      const receiver = (await start?.({ databaseUrl: server.url, schema })) ?? NOBODY
      const isTold = start !== null
      const worker = await startWorkerProcess({ databaseUrl: server.url, schema, more: receiver.settings })
      // Stocking up is two events a level: units came, and the item is back in stock.
      let before = receiver.hearsThePast ? 2 * (LEVELS[size] + 1) : 0
      await until(receiver.told, (told) => told >= before, stopping)
      return {
        async measure(load, seconds) {
          const granted = new Set<string>()
          const sell = (bounds: { readonly seconds: number; readonly asksMax?: number }) =>
            applyLoad(load, {
              ...bounds,
              stopping,
              async ask(caller) {
                const level = caller % LEVELS[size]
                granted.add(await reserveOneOfEach(opened, [level], { customerId: `c-${caller}` }))
              },
            })
          const secondsUntilTold = async () => {
            const startedMs = performance.now()
            await until(receiver.told, (told) => told - before >= granted.size, stopping)
            return (performance.now() - startedMs) / 1000
          }
          const burst = { seconds: ROUND_SECONDS[size], asksMax: BURST[size] }
          const [timed, lateId] = await Promise.all([
            sell(load.loop === "closed" ? burst : { seconds }),
            lateWriter.write(),
          ])
          granted.add(lateId)
          const countUnits = async () => ({
            ...(await opened.units.count()),
            ...opened.again.takeFigures(),
          })
          if (!isTold) return { ...timed, ...(await countUnits()) }
          const toldMeanwhile = (await receiver.told()) - before
          const figures = {
            toldMeanwhile,
            untold: granted.size - toldMeanwhile,
            lagSeconds: await secondsUntilTold(),
          }
          const handOnBacklog = async () => {
            const sold = granted.size
            await worker.whilePaused(() => sell({ ...burst, asksMax: BACKLOG[size] }))
            return (granted.size - sold) / (await secondsUntilTold())
          }
          const handedOn = load.loop === "closed" && { handedOnPerSecond: await handOnBacklog() }
          const found = await compare(receiver.read(before), granted)
          before = await receiver.told()
          const counted = await countUnits()
          return {
            ...timed,
            oversold: counted.oversold + found.invented,
            leaked: counted.leaked + found.missing,
            figures: { events: granted.size, toldAgain: found.again, ...figures, ...handedOn },
          }
        },
        async close() {
          await worker.stop()
          await lateWriter.close()
          await receiver.stop()
          await close()
        },
      }
    },
  }
}

export const events: Scenario = {
  name: "events",
  title: "Telling everybody",
  question:
    "What does selling lose while a worker hands each event on to a Redis stream, to Kafka or to a webhook, how fast does it hand on what " +
    "waits for it, and is each event told, also that of a transaction that stays open for a second? (`quiet` has the same worker, and nobody to tell.)",
  counted: "reservations",
  axis: null,
  contenders: [
    selling("quiet", null),
    selling("stream", startStreamReceiver),
    selling("kafka", startKafkaReceiver),
    selling("webhook", startWebhookReceiver),
  ],
  loads: (size): Load[] => [
    {
      loop: "closed",
      at: null,
      label: `${CALLERS} callers`,
      callers: CALLERS,
      roundSeconds: ROUND_SECONDS[size],
    },
    {
      loop: "open",
      at: null,
      label: `${OPEN_SHARE * 100} % of its highest rate`,
      shareOfHighest: OPEN_SHARE,
    },
  ],
}
