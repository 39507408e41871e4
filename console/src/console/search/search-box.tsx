import { useNavigate, useSearch } from "@tanstack/react-router"
import { type FormEvent, useEffect, useState } from "react"
import { CONTROL } from "../../ui/field.tsx"

/** In the frame of every page of the console: any id, or a part of a sku or a name. */
export function SearchBox() {
  const navigate = useNavigate()
  const asked = useSearch({ from: "/console/search", shouldThrow: false })?.q ?? ""
  const [typed, setTyped] = useState(asked)
  // What is being typed stays when a hit leads elsewhere; another search in the address is shown.
  useEffect(() => {
    if (asked !== "") setTyped(asked)
  }, [asked])
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const q = typed.trim()
    if (q !== "") void navigate({ to: "/console/search", search: { q } })
  }
  return (
    <search className="w-full sm:w-72">
      <form onSubmit={search}>
        <input
          type="search"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onFocus={({ target }) => target.select()}
          aria-label="Search by any id, sku or name"
          placeholder="Any id, sku, name, customer"
          className={CONTROL}
        />
      </form>
    </search>
  )
}
