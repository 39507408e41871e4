import type { Column } from "../rows.ts"
import { escapeMarkup } from "./markup.ts"

export interface HtmlTable {
  /** Says what the table is, to everybody. */
  readonly caption: string
  readonly columns: readonly Column[]
  readonly groups: readonly HtmlGroup[]
}

/** Rows with one head in front of all of them. */
export interface HtmlGroup {
  readonly head: string
  readonly rows: readonly (readonly HtmlCell[])[]
}

export interface HtmlCell {
  readonly text: string
  readonly tone?: "good" | "bad" | undefined
  /** Below, in small print. */
  readonly remark?: string | undefined
}

/** Scrolls in a box of its own where it is wider than the screen; the box can be reached by keyboard. */
export function htmlTable({ caption, columns, groups }: HtmlTable): string {
  const head = columns.map(({ title, kind }) => `<th scope="col"${classOf(kind)}>${escapeMarkup(title)}</th>`)
  const label = escapeMarkup(caption)
  return `<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<caption>${label}</caption>
<thead><tr>${head.join("")}</tr></thead>
${groups.map((group) => htmlGroup(group, columns.slice(1))).join("\n")}
</table></div>`
}

function htmlGroup({ head, rows }: HtmlGroup, columns: readonly Column[]): string {
  const lines = rows.map((cells, index) => {
    const span = rows.length > 1 ? ` rowspan="${rows.length}"` : ""
    const first = index === 0 ? `<th scope="rowgroup"${span}>${escapeMarkup(head)}</th>` : ""
    return `<tr>${first}${cells.map((cell, column) => htmlCell(cell, columns[column]?.kind)).join("")}</tr>`
  })
  return `<tbody>${lines.join("\n")}</tbody>`
}

function htmlCell({ text, tone, remark }: HtmlCell, kind: Column["kind"] | undefined): string {
  const value = tone ? `<span class="${tone}">${escapeMarkup(text)}</span>` : escapeMarkup(text)
  const small = remark ? `<small>${escapeMarkup(remark)}</small>` : ""
  return `<td${classOf(kind)}>${value}${small}</td>`
}

function classOf(kind: Column["kind"] | undefined): string {
  return kind === "number" ? ' class="number"' : ""
}
