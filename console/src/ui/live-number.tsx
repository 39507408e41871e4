import { useState } from "react"
import { count } from "./numbers.ts"

/** A number that changes by itself: for a moment it is marked, so that who looks elsewhere sees where something happened. */
export function LiveNumber({ value }: { readonly value: number }) {
  const [shown, setShown] = useState({ value, changes: 0 })
  if (shown.value !== value) setShown({ value, changes: shown.changes + 1 })
  return (
    // A new element for each change, so that its animation begins anew.
    <span key={shown.changes} className={shown.changes > 0 ? "animate-changed rounded" : "rounded"}>
      {count(value)}
    </span>
  )
}
