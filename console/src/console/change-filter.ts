import { useNavigate } from "@tanstack/react-router"
import { useCallback } from "react"
import { stated } from "./filters.ts"

/** Undefined takes a part out. */
type Change<Filter> = { readonly [Name in keyof Filter]?: Filter[Name] | undefined }

/** Changes a part of a page's filter. Each change is a step that the back button goes back. */
export function useChangeFilter<Filter extends object>(filter: Filter): (change: Change<Filter>) => void {
  const navigate = useNavigate()
  return useCallback(
    (change) => void navigate({ to: ".", search: stated({ ...filter, ...change }) }),
    [navigate, filter],
  )
}
