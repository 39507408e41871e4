import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react"
import { classNames } from "./class-names.ts"

export const CONTROL =
  "min-h-11 w-full rounded-lg border border-edge bg-panel px-3 text-ink aria-invalid:border-bad disabled:opacity-55"

interface Labelled {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong with what was entered. */
  readonly error?: string | undefined
}

/** A control with its label, what helps to fill it in, and what is wrong with it. */
export function TextField({
  label,
  hint,
  error,
  ...input
}: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        {...input}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-about`}
        className={classNames(CONTROL, input.className)}
      />
    </Frame>
  )
}

/** Its options are its children. */
export function SelectField({
  label,
  hint,
  error,
  ...select
}: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select
        id={id}
        {...select}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-about`}
        className={classNames(CONTROL, select.className)}
      />
    </Frame>
  )
}

function Frame({ id, label, hint, error, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      <p id={`${id}-about`} className={classNames("text-sm empty:hidden", error ? "text-bad" : "text-muted")}>
        {error ?? hint}
      </p>
    </div>
  )
}
