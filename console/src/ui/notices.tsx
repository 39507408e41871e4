/** What a page says when there is nothing to show, or when asking for it failed. */
import { EarmarkUnanswered, isProblem } from "earmark/client"
import type { ReactNode } from "react"
import { Button } from "./button.tsx"
import { Copyable } from "./copyable.tsx"

interface EmptyProps {
  readonly title: string
  /** A command that fills it. */
  readonly command?: string
  /** A button that fills it. */
  readonly action?: ReactNode
  readonly children?: ReactNode
}

export function Empty({ title, command, action, children }: EmptyProps) {
  return (
    <div className="rounded-lg border border-dashed border-edge p-6 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="mx-auto mt-1 max-w-prose text-muted">{children}</div>}
      {command && (
        <p className="mt-3">
          <Copyable text={command} />
        </p>
      )}
      {action && <div className="mt-4">{action}</div>}
    </div>
  )
}

interface FailureProps {
  readonly error: unknown
  readonly onRetry?: () => void
}

/** What failed, in the service's own words, with what its log can be searched for. */
export function Failure({ error, onRetry }: FailureProps) {
  return (
    <div role="alert" className="rounded-lg border border-bad bg-panel p-4">
      <p className="font-medium text-bad">{titleOf(error)}</p>
      <p className="mt-1">{detailOf(error)}</p>
      {isProblem(error) && error.errors.length > 0 && (
        <ul className="mt-2 list-disc pl-5">
          {error.errors.map(({ pointer, message }) => (
            <li key={pointer}>
              <code>{pointer}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {isProblem(error) && (
        <p className="mt-2 text-sm text-muted">
          {error.status} {error.code}, request {error.requestId}
        </p>
      )}
      {onRetry && (
        <Button className="mt-3" isSmall onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

function titleOf(error: unknown): string {
  if (isProblem(error)) return error.title
  return error instanceof EarmarkUnanswered ? "The service did not answer" : "This page went wrong"
}

/** For people; the client's failures all have a sentence. */
export function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Keeps the place of what is on its way, so that nothing jumps when it comes. */
export function Loading({ label = "Loading" }: { readonly label?: string }) {
  return (
    <div role="status" className="flex min-h-24 items-center justify-center text-muted">
      {label} ...
    </div>
  )
}
