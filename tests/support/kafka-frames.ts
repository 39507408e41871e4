/** As much of Kafka's protocol as somebody between client and broker has to know: lengths, names of requests, and ports. */

const PRODUCE = 0
/** The newest that the brokers of the tests speak. */
const PRODUCE_VERSION = 7
const MESSAGE_TOO_LARGE = 10
const HOST = Buffer.concat([int16(9), Buffer.from("127.0.0.1")])

/** Takes a stream of bytes apart into messages, each with its length in front. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)

  push(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: Buffer[] = []
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readInt32BE(0)
      if (this.#rest.length < end) break
      frames.push(this.#rest.subarray(0, end))
      this.#rest = this.#rest.subarray(end)
    }
    return frames
  }
}

export function isProduce(request: Buffer): boolean {
  return request.readInt16BE(4) === PRODUCE
}

/** An answer with other ports wherever it names a broker of 127.0.0.1. */
export function withPorts(answer: Buffer, ports: ReadonlyMap<number, number>): Buffer {
  const changed = Buffer.from(answer)
  for (let at = changed.indexOf(HOST); at !== -1; at = changed.indexOf(HOST, at + 1)) {
    const port = ports.get(changed.readInt32BE(at + HOST.length))
    if (port !== undefined) changed.writeInt32BE(port, at + HOST.length)
  }
  return changed
}

/** What a broker answers whose limit is below what each partition was to get. */
export function refuseProduce(request: Buffer): Buffer {
  if (request.readInt16BE(6) !== PRODUCE_VERSION) throw new Error("another version of Produce is spoken")
  let at = 12
  const text = () => {
    const length = Math.max(0, request.readInt16BE(at))
    at += 2 + length
    return request.subarray(at - length, at)
  }
  const count = () => {
    at += 4
    return request.readInt32BE(at - 4)
  }
  text() // the client's name
  text() // the transaction's
  at += 2 + 4 // acknowledgements, time to wait
  const topics = Array.from({ length: count() }, () => {
    const name = text()
    const partitions = Array.from({ length: count() }, () => {
      const index = count()
      const bytes = count()
      at += bytes
      return Buffer.concat([int32(index), int16(MESSAGE_TOO_LARGE), Buffer.alloc(3 * 8, 0xff)])
    })
    return Buffer.concat([int16(name.length), name, int32(partitions.length), ...partitions])
  })
  const answer = Buffer.concat([request.subarray(8, 12), int32(topics.length), ...topics, int32(0)])
  return Buffer.concat([int32(answer.length), answer])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
