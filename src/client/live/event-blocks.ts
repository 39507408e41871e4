/** Server-sent events, as they are read (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream). */

export interface EventBlock {
  /** The last id of the stream so far; null when none has come. */
  readonly id: string | null
  readonly type: string
  /** Null when the block only tells an id, or that the connection lives. */
  readonly data: string | null
}

/** Takes text as it comes, and gives each block that is whole. What broke off in the middle never was. */
export class EventBlockReader {
  #rest = ""
  #id: string | null = null
  #type = ""
  #data: string[] = []

  read(text: string): EventBlock[] {
    const whole = this.#rest + text
    // The line feed that belongs to it may be in what comes next.
    const end = whole.endsWith("\r") ? whole.length - 1 : whole.length
    const lines = whole.slice(0, end).split(/\r\n|\r|\n/)
    this.#rest = (lines.pop() ?? "") + whole.slice(end)
    return lines.flatMap((line) => (line === "" ? [this.#endBlock()] : this.#readLine(line)))
  }

  #readLine(line: string): [] {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === "id" && !value.includes("\0")) this.#id = value
    else if (field === "event") this.#type = value
    else if (field === "data") this.#data.push(value)
    return []
  }

  #endBlock(): EventBlock {
    const block = {
      id: this.#id,
      type: this.#type || "message",
      data: this.#data.length === 0 ? null : this.#data.join("\n"),
    }
    this.#type = ""
    this.#data = []
    return block
  }
}
