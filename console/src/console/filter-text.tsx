import { type InputHTMLAttributes, useEffect, useRef, useState } from "react"
import { TextField } from "../ui/field.tsx"

/** Long enough for the next letter: the address, and with it what is read, changes once for a word. */
const TYPING_MS = 250

interface FilterTextProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange"> {
  readonly label: string
  /** As the address has it. */
  readonly value: string | undefined
  /** Undefined: nothing is asked for. */
  readonly onFilter: (value: string | undefined) => void
}

/** A filter that is typed: the address follows the hand, and the field follows the address. */
export function FilterText({ label, value = "", onFilter, ...input }: FilterTextProps) {
  const [typed, setTyped] = useState(value)
  const latest = useRef(onFilter)
  latest.current = onFilter
  const sent = useRef(value)
  // What comes back is what was sent: more may have been typed since.
  useEffect(() => {
    if (value !== sent.current) setTyped(value)
    sent.current = value
  }, [value])
  useEffect(() => {
    if (typed.trim() === value) return
    const timer = setTimeout(() => {
      sent.current = typed.trim()
      latest.current(typed.trim() || undefined)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed, value])
  return (
    <TextField
      {...input}
      label={label}
      type="search"
      autoComplete="off"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  )
}
