/** A file to which another process appends messages, one a line; read here only when somebody asks. */
import { createReadStream } from "node:fs"
import { createInterface, type Interface } from "node:readline"

export class LineFile {
  readonly path: string
  #counted = { bytes: 0, lines: 0 }

  constructor(path: string) {
    this.path = path
  }

  async count(): Promise<number> {
    const chunks = createReadStream(this.path, { start: this.#counted.bytes })
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      const { bytes, lines } = this.#counted
      this.#counted = { bytes: bytes + chunk.length, lines: lines + linesIn(chunk) }
    }
    return this.#counted.lines
  }

  async *linesFrom(from: number): AsyncIterable<string> {
    let passed = 0
    const lines: Interface = createInterface({ input: createReadStream(this.path) })
    for await (const line of lines) if (++passed > from) yield line
  }
}

function linesIn(chunk: Buffer): number {
  let lines = 0
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
  return lines
}
