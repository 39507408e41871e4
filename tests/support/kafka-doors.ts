/** Stands before each broker of a cluster, so that a test can shut the doors, lose answers, and refuse what is too large. */
import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import type { Broker } from "./kafka-cluster.ts"
import { Frames, isProduce, refuseProduce, withPorts } from "./kafka-frames.ts"

export class KafkaDoors {
  /** Where the doors are: to be given to clients instead of the brokers. */
  brokers: readonly Broker[] = []
  /** Requests to append so many bytes or more are refused as too large, and change nothing. */
  refusedBytes = Number.POSITIVE_INFINITY
  /** So many requests to append will be carried out and not answered: the connection ends instead. */
  answersToLose = 0
  /** Requests to append that have come. */
  produced = 0
  readonly #doors: { readonly server: Server; readonly target: Broker; port: number }[] = []
  readonly #sockets = new Set<Socket>()

  static async forTest(targets: readonly Broker[]): Promise<KafkaDoors> {
    const doors = new KafkaDoors()
    for (const target of targets) {
      const server = createServer((client) => doors.#accept(client, target))
      doors.#doors.push({ server, target, port: 0 })
    }
    await doors.open()
    onTestFinished(() => doors.shut())
    return doors
  }

  async open(): Promise<void> {
    for (const door of this.#doors) {
      door.server.listen(door.port, "127.0.0.1")
      await once(door.server, "listening")
      const address = door.server.address()
      if (address !== null && typeof address !== "string") door.port = address.port
    }
    this.brokers = this.#doors.map(({ target, port }) => ({ host: target.host, port }))
  }

  /** Nobody gets through any more, nor in. */
  async shut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(
      this.#doors.map(async ({ server }) => {
        if (server.listening) await new Promise((resolve) => server.close(resolve))
      }),
    )
  }

  #accept(client: Socket, target: Broker): void {
    const upstream = connect(target.port, target.host)
    const lost = new Set<number>()
    const requests = new Frames()
    const answers = new Frames()
    client.on("data", (bytes) => {
      for (const frame of requests.push(bytes)) {
        const answer = this.#look(frame, lost)
        if (answer) client.write(answer)
        else upstream.write(frame)
      }
    })
    upstream.on("data", (bytes) => {
      for (const frame of answers.push(bytes)) {
        if (lost.has(frame.readInt32BE(4))) client.destroy()
        else client.write(withPorts(frame, this.#ports()))
      }
    })
    this.#tie(client, upstream)
  }

  /** @returns what to answer instead of the broker */
  #look(frame: Buffer, lost: Set<number>): Buffer | null {
    if (!isProduce(frame)) return null
    this.produced += 1
    if (frame.length >= this.refusedBytes) return refuseProduce(frame)
    if (this.answersToLose > 0) {
      this.answersToLose -= 1
      lost.add(frame.readInt32BE(8))
    }
    return null
  }

  #ports(): ReadonlyMap<number, number> {
    return new Map(this.#doors.map(({ target, port }) => [target.port, port]))
  }

  #tie(...sockets: readonly Socket[]): void {
    for (const socket of sockets) {
      this.#sockets.add(socket)
      const end = () => {
        for (const one of sockets) {
          one.destroy()
          this.#sockets.delete(one)
        }
      }
      socket.on("error", end)
      socket.on("close", end)
    }
  }
}
