import type { ReactNode } from "react"

/** Names and what they stand for; as many columns as fit. */
export function Facts({ facts }: { readonly facts: Readonly<Record<string, ReactNode>> }) {
  const said = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined)
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(min(15rem,100%),1fr))] gap-x-6 gap-y-3">
      {said.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
