/** Text for terminals: columns side by side, and lines that end before the edge. */

export interface TextColumn {
  readonly title: string
  readonly align: "left" | "right"
  /** Whether its cells may be cut when the table is too wide; its title may always be. */
  readonly cuttable: boolean
}

export interface TextCell {
  readonly text: string
  /** Colours it once it is padded, since colours take no place. */
  readonly paint?: (text: string) => string
}

const GAP = "  "
/** Less than this of a name tells nothing. */
const CUT_WIDTH_MIN = 8

/** Without a line break at the end of the last row. */
export function textColumns(
  columns: readonly TextColumn[],
  rows: readonly (readonly TextCell[])[],
  { widthMax, paintHead }: { widthMax: number; paintHead: (text: string) => string },
): string {
  const widths = fittingWidths(
    columns.map(({ title, cuttable }, index) => {
      const cells = Math.max(0, ...rows.map((row) => row[index]?.text.length ?? 0))
      return { natural: Math.max(title.length, cells), least: cuttable ? CUT_WIDTH_MIN : cells }
    }),
    widthMax,
  )
  const line = (cells: readonly TextCell[]) =>
    cells
      .map(({ text, paint }, index) => {
        const padded = pad(cut(text, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.align)
        return paint ? paint(padded) : padded
      })
      .join(GAP)
      .trimEnd()
  const head = columns.map(({ title }) => ({ text: title, paint: paintHead }))
  return [head, ...rows].map(line).join("\n")
}

/** Takes from the widest that may be cut, until all fit. */
function fittingWidths(
  columns: readonly { readonly natural: number; readonly least: number }[],
  widthMax: number,
): number[] {
  const widths = columns.map(({ natural }) => natural)
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1))
  while (total() > widthMax) {
    const candidates = widths.flatMap((width, index) =>
      width > (columns[index]?.least ?? width) ? [{ width, index }] : [],
    )
    const [widest] = candidates.sort((a, b) => b.width - a.width)
    if (!widest) return widths
    widths[widest.index] = widest.width - 1
  }
  return widths
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function pad(text: string, width: number, align: "left" | "right" | undefined): string {
  return align === "right" ? text.padStart(width) : text.padEnd(width)
}

/** Breaks at blanks. What follows the first line begins with `indent`. */
export function wrap(text: string, { widthMax, indent = "" }: { widthMax: number; indent?: string }): string {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > widthMax) {
      lines.push(line)
      line = `${indent}${word}`
    } else {
      line = line === "" ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join("\n")
}

/** A command that can still be pasted: broken before its options, with the shell's sign that it goes on. */
export function wrapCommand(command: string, widthMax: number): string {
  const parts = command.split(/ (?=--[a-z])/)
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + part.length + " \\".length <= widthMax) {
      lines[lines.length - 1] = `${last} ${part}`
    } else {
      lines.push(last === undefined ? part : `  ${part}`)
    }
  }
  return lines.join(" \\\n")
}
