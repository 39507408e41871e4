import { useNavigate, useSearch } from "@tanstack/react-router"
import type { FormEvent } from "react"
import { CONTROL } from "../../ui/field.tsx"

/** In the frame of every page of the console: any id, or a part of a sku or a name. */
export function SearchBox() {
  const navigate = useNavigate()
  const asked = useSearch({ from: "/console/search", shouldThrow: false })?.q ?? ""
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const q = String(new FormData(event.currentTarget).get("q") ?? "").trim()
    if (q !== "") void navigate({ to: "/console/search", search: { q } })
  }
  return (
    <search className="w-full sm:w-72">
      <form onSubmit={search}>
        <input
          key={asked}
          name="q"
          type="search"
          defaultValue={asked}
          aria-label="Search by any id, sku or name"
          placeholder="Any id, sku, name, customer"
          className={CONTROL}
        />
      </form>
    </search>
  )
}
