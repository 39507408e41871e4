/** Enough of a parser to tell whether markup is well formed: every element closed where it must be, every attribute quoted. */

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  /** Text in it and below. */
  text: string
}

const VOID = ["meta", "br", "img", "source", "link", "hr"]
const TOKEN = /<!doctype html>|<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
const ENTITY = /&(?:amp|lt|gt|quot|#39);/g

/** Throws where it is not. */
export function parseMarkup(markup: string): readonly Element[] {
  const elements: Element[] = []
  const open: Element[] = []
  TOKEN.lastIndex = 0
  for (let at = 0; at < markup.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(markup)
    if (!match) throw new Error(`not well formed: ${markup.slice(at, at + 80)}`)
    const [, closing, name = "", attributes = "", self, text] = match
    if (text !== undefined) {
      const inStyle = open.at(-1)?.name === "style"
      if (!inStyle && text.replace(ENTITY, "").includes("&")) throw new Error(`a bare & in: ${text}`)
      for (const element of open) element.text += text
    } else if (closing) {
      const last = open.pop()
      if (last?.name !== name) throw new Error(`</${name}> closes <${last?.name}>`)
    } else if (name !== "") {
      const element = { name, attributes: attributesOf(attributes), text: "" }
      elements.push(element)
      if (!self && !VOID.includes(name)) open.push(element)
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.map(({ name }) => name).join(", ")}`)
  return elements
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  )
}
