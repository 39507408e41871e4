import type { ButtonHTMLAttributes } from "react"
import { classNames } from "./class-names.ts"

const KINDS = {
  primary: "bg-accent text-on-accent border-transparent hover:brightness-110",
  plain: "bg-panel text-ink border-edge hover:bg-sunken",
  danger: "bg-panel text-bad border-bad hover:bg-sunken",
  quiet: "border-transparent text-accent hover:bg-sunken",
} as const

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: keyof typeof KINDS
  readonly isSmall?: boolean
  /** While what it did is on its way, it cannot be pressed again. */
  readonly isBusy?: boolean
}

/** At least 44 px high unless small: a thumb has to hit it. */
export function Button({ kind = "plain", isSmall = false, isBusy = false, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={classNames(
        "inline-flex items-center justify-center gap-2 rounded-lg border font-medium whitespace-nowrap",
        "transition-colors disabled:opacity-55",
        isSmall ? "min-h-8 px-2.5 text-sm" : "min-h-11 px-4",
        KINDS[kind],
        isBusy && "animate-pulse",
        rest.className,
      )}
    />
  )
}
