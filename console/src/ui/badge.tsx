import type { ReactNode } from "react"
import { classNames } from "./class-names.ts"

const TONES = {
  neutral: "border-edge text-muted",
  good: "border-good text-good",
  warn: "border-warn text-warn",
  bad: "border-bad text-bad",
} as const

export type Tone = keyof typeof TONES

export function Badge({
  tone = "neutral",
  children,
}: {
  readonly tone?: Tone
  readonly children: ReactNode
}) {
  return (
    <span
      className={classNames(
        "inline-flex items-center rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  )
}
