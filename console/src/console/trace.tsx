/** Of a `traceparent`, the part that a tracing tool is searched for; the whole of what is none. */
export function Trace({ traceparent }: { readonly traceparent: string }) {
  const [, traceId = traceparent] = traceparent.split("-")
  return (
    <span className="text-muted">
      trace <code className="break-all">{traceId}</code>
    </span>
  )
}
