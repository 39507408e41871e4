/** A service in a process of its own under load from another one, seen from a third. */
import type { AppliedLoad, ClosedLoad, Measurement, Subject } from "../scenario.ts"
import type { ListeningProcess } from "./listening-process.ts"
import { LoadGenerator } from "./load-generator.ts"
import { readUsage, type Usage } from "./usage.ts"

export interface Service {
  start(): Promise<ListeningProcess>
  /** Makes what is asked for in one round; returns its sku. */
  supply(url: URL): Promise<string>
  count(url: URL, sku: string, granted: number): Promise<{ oversold: number; leaked: number }>
}

/** More than are ever under way at half of the highest rate, as long as nothing stalls. */
const OPEN_CONNECTIONS = 256

/** @param warmUp what it is put under before anything is measured; null: nothing */
export async function openSubject(
  service: Service,
  warmUp: { readonly load: ClosedLoad; readonly seconds: number } | null,
): Promise<Subject> {
  const listening = await service.start()
  const generator = new LoadGenerator()
  const subject: Subject = {
    measure: (load, seconds) => measure({ service, listening, generator }, load, seconds),
    async close() {
      await generator.close()
      await listening.stop()
    },
  }
  try {
    if (warmUp) await subject.measure(warmUp.load, warmUp.seconds)
    return subject
  } catch (error) {
    await subject.close()
    throw error
  }
}

interface Opened {
  readonly service: Service
  readonly listening: ListeningProcess
  readonly generator: LoadGenerator
}

async function measure(
  { service, listening: { url, pid }, generator }: Opened,
  load: AppliedLoad,
  seconds: number,
): Promise<Measurement> {
  const sku = await service.supply(url)
  const before = await readUsage(pid)
  const timed = await generator.put({ url: url.href, sku, seconds, ...shapeOf(load) })
  const after = await readUsage(pid)
  const counted = await service.count(url, sku, timed.answers)
  return { ...timed, ...counted, figures: before && after ? figuresOf(timed, before, after) : {} }
}

function shapeOf(load: AppliedLoad): { connections: number; perSecond: number | null } {
  if (load.loop === "closed") return { connections: load.callers, perSecond: null }
  return { connections: OPEN_CONNECTIONS, perSecond: load.perSecond }
}

/** Processor time is told in percent of one core. */
function figuresOf(
  { seconds, cpuSeconds }: { seconds: number; cpuSeconds: number },
  before: Usage,
  after: Usage,
): Record<string, number> {
  const percent = (used: number) => (100 * used) / seconds
  return {
    rssMiB: after.rssMiB,
    rssPeakMiB: after.rssPeakMiB,
    cpuPercent: percent(after.cpuSeconds - before.cpuSeconds),
    loadCpuPercent: percent(cpuSeconds),
  }
}
