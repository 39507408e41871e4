import type { ErrorComponentProps } from "@tanstack/react-router"
import { Failure } from "../ui/notices.tsx"

/** A page that broke while it was drawn: the frame around it stays. */
export function PageError({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} onRetry={reset} />
}
