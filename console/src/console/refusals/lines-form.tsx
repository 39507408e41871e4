import { type FormEvent, useState } from "react"
import { Button } from "../../ui/button.tsx"
import { TextField } from "../../ui/field.tsx"
import type { AskedLine } from "./basket-lines.ts"

interface DraftLine {
  readonly key: number
  readonly sku: string
  readonly quantity: string
  readonly location: string
}

interface LinesFormProps {
  readonly lines: readonly AskedLine[]
  readonly onAsk: (lines: readonly AskedLine[]) => void
  /** By JSON pointer, as `/lines/0/sku`. */
  readonly errorAt: (pointer: string) => string | undefined
}

/** The lines of a basket, as a shopper would have sent them. */
export function LinesForm({ lines, onAsk, errorAt }: LinesFormProps) {
  const [drafts, setDrafts] = useState(() => draftsOf(lines))
  const change = (key: number, part: Partial<DraftLine>) =>
    setDrafts((before) => before.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onAsk(drafts.filter(({ sku }) => sku.trim() !== "").map(lineOf))
  }
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-3">
      {drafts.map((draft, index) => (
        <fieldset
          key={draft.key}
          className="grid grid-cols-[1fr_6rem] items-start gap-3 sm:grid-cols-[2fr_6rem_1fr_auto]"
        >
          <legend className="sr-only">Line {index + 1}</legend>
          <TextField
            label="Sku"
            value={draft.sku}
            autoComplete="off"
            error={errorAt(`/lines/${index}/sku`)}
            onChange={({ target }) => change(draft.key, { sku: target.value })}
          />
          <TextField
            label="Units"
            type="number"
            min="1"
            value={draft.quantity}
            error={errorAt(`/lines/${index}/quantity`)}
            onChange={({ target }) => change(draft.key, { quantity: target.value })}
          />
          <TextField
            label="Location"
            placeholder="any"
            value={draft.location}
            autoComplete="off"
            error={errorAt(`/lines/${index}/location`)}
            onChange={({ target }) => change(draft.key, { location: target.value })}
          />
          <Button
            kind="quiet"
            className="mt-6"
            aria-label={`Remove line ${index + 1}`}
            disabled={drafts.length === 1}
            onClick={() => setDrafts((before) => before.filter(({ key }) => key !== draft.key))}
          >
            Remove
          </Button>
        </fieldset>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary">
          Explain
        </Button>
        <Button onClick={() => setDrafts((before) => [...before, emptyDraft(nextKey(before))])}>
          Add a line
        </Button>
      </div>
    </form>
  )
}

function draftsOf(lines: readonly AskedLine[]): readonly DraftLine[] {
  if (lines.length === 0) return [emptyDraft(0)]
  return lines.map(({ sku, quantity, location = "" }, key) => ({
    key,
    sku,
    quantity: String(quantity),
    location,
  }))
}

function emptyDraft(key: number): DraftLine {
  return { key, sku: "", quantity: "1", location: "" }
}

function nextKey(drafts: readonly DraftLine[]): number {
  return Math.max(...drafts.map(({ key }) => key)) + 1
}

function lineOf({ sku, quantity, location }: DraftLine): AskedLine {
  const place = location.trim()
  return { sku: sku.trim(), quantity: Number(quantity), ...(place !== "" && { location: place }) }
}
