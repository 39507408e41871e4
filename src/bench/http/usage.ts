import { readFile } from "node:fs/promises"

/** What a process has used so far. */
export interface Usage {
  readonly cpuSeconds: number
  readonly rssMiB: number
  /** The most that it has ever taken. */
  readonly rssPeakMiB: number
}

/** `USER_HZ`, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
/** Of /proc/<pid>/stat, counted behind the name of the program, which may hold anything. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12

/** Read from the outside, so that it is the same for whatever is measured. Null where there is no /proc. */
export async function readUsage(pid: number): Promise<Usage | null> {
  if (process.platform !== "linux") return null
  const [stat, status] = await Promise.all(
    ["stat", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")),
  )
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? []
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])
  const mibOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status ?? "")?.[1]) / 1024
  return { cpuSeconds: ticks / TICKS_PER_SECOND, rssMiB: mibOf("VmRSS"), rssPeakMiB: mibOf("VmHWM") }
}
