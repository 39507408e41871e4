import type { ReactNode } from "react"
import { classNames } from "./class-names.ts"
import { usePageTitle } from "./page-title.ts"

interface PanelProps {
  readonly title?: ReactNode
  /** Beside the title: links and buttons. */
  readonly actions?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

export function Panel({ title, actions, className, children }: PanelProps) {
  return (
    <section className={classNames("rounded-xl border border-line bg-panel p-4 sm:p-5", className)}>
      {title !== undefined && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <h2 className="text-lg font-semibold">{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  )
}

interface PageHeaderProps {
  readonly title: ReactNode
  /** What the browser's tab says; the title where that is text. */
  readonly tabTitle?: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

/** The one `h1` of a page, what the page is about, and what can be done on it. The frame puts the focus on it. */
export function PageHeader({ title, tabTitle, children, actions }: PageHeaderProps) {
  usePageTitle(tabTitle ?? (typeof title === "string" ? title : undefined))
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1
          tabIndex={-1}
          className="text-2xl font-semibold tracking-tight break-words outline-none sm:text-3xl"
        >
          {title}
        </h1>
        {children && <div className="mt-1 max-w-prose break-words text-muted">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  )
}
