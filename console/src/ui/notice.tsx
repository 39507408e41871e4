import type { ReactNode } from "react"
import { classNames } from "./class-names.ts"

const TONES = {
  neutral: { frame: "border-edge", title: "" },
  good: { frame: "border-good", title: "text-good" },
  warn: { frame: "border-warn", title: "text-warn" },
  bad: { frame: "border-bad", title: "text-bad" },
} as const

interface NoticeProps {
  readonly title: ReactNode
  readonly tone?: keyof typeof TONES
  readonly className?: string
  readonly children?: ReactNode
}

/** What came of something, where it was asked for; a screen reader says it when it appears. */
export function Notice({ title, tone = "neutral", className, children }: NoticeProps) {
  return (
    <div
      role={tone === "bad" || tone === "warn" ? "alert" : "status"}
      className={classNames("rounded-lg border border-l-4 bg-panel p-3 sm:p-4", TONES[tone].frame, className)}
    >
      <p className={classNames("font-medium", TONES[tone].title)}>{title}</p>
      {children && <div className="mt-1 flex flex-col gap-2">{children}</div>}
    </div>
  )
}
