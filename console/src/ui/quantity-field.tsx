import { useId, useState } from "react"

/** The service takes no more units in one line. */
const QUANTITY_MAX = 1_000_000

interface QuantityFieldProps {
  /** Of what: read with each of the controls. */
  readonly label: string
  readonly value: number
  readonly onChange: (quantity: number) => void
}

const STEP = "min-h-11 min-w-11 text-lg text-muted hover:text-ink disabled:opacity-40"

/** A whole number from 1 on, by steps or typed. */
export function QuantityField({ label, value, onChange }: QuantityFieldProps) {
  const id = useId()
  /** What is being typed, which may be no number yet. */
  const [typed, setTyped] = useState<string | null>(null)
  const step = (by: number) => {
    setTyped(null)
    onChange(Math.min(QUANTITY_MAX, Math.max(1, value + by)))
  }
  return (
    <div className="inline-flex items-center rounded-lg border border-edge bg-panel">
      <button
        type="button"
        aria-label={`One less: ${label}`}
        disabled={value <= 1}
        className={STEP}
        onClick={() => step(-1)}
      >
        −
      </button>
      <label htmlFor={id} className="sr-only">
        Quantity: {label}
      </label>
      <input
        id={id}
        inputMode="numeric"
        autoComplete="off"
        maxLength={7}
        className="min-h-11 w-12 rounded-sm bg-transparent text-center font-medium"
        value={typed ?? value}
        onChange={({ target }) => {
          setTyped(target.value)
          const quantity = Number(target.value)
          if (Number.isInteger(quantity) && quantity >= 1 && quantity <= QUANTITY_MAX) onChange(quantity)
        }}
        onBlur={() => setTyped(null)}
      />
      <button
        type="button"
        aria-label={`One more: ${label}`}
        disabled={value >= QUANTITY_MAX}
        className={STEP}
        onClick={() => step(1)}
      >
        +
      </button>
    </div>
  )
}
