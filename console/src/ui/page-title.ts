import { useEffect } from "react"

const APP = "Earmark"

/** Several tabs are open when two shoppers are tried: each says what is on it. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? APP : `${title} · ${APP}`
  }, [title])
}
