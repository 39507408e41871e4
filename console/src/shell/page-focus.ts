/** After going to another page the focus is on its heading: a screen reader says it, and Tab goes on from there. */
import { useRouter } from "@tanstack/react-router"
import { useEffect } from "react"

export function usePageFocus(): void {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        // The first page was loaded by the browser, which has its own idea of where to begin.
        if (fromLocation === undefined || !pathChanged) return
        focusHeading()
      }),
    [router],
  )
}

export function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>("main h1")
  const target = heading ?? document.querySelector<HTMLElement>("main")
  target?.focus({ preventScroll: true })
}
