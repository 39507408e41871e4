import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { TextField } from "../../ui/field.tsx"

const route = getRouteApi("/")

/** Typing goes on while this passes: one question for a word, not one for each letter. */
const TYPING_MS = 250
/** The service takes no longer search text. */
const LENGTH_MAX = 255

/** What is searched for is in the address, so that it can be sent to somebody, and going back finds it. */
export function Search() {
  const { q = "" } = route.useSearch()
  const navigate = useNavigate()
  const [text, setText] = useState(q)
  const [lastQ, setLastQ] = useState(q)
  if (q !== lastQ) {
    setLastQ(q)
    // What is being typed stays as it is: a space at its end may be followed by another word.
    if (text.trim() !== q) setText(q)
  }
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === q) return
    const timer = setTimeout(() => {
      void navigate({
        to: "/",
        search: wanted === "" ? {} : { q: wanted },
        replace: true,
        resetScroll: false,
      })
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, q, navigate])
  return (
    <search className="w-full sm:w-80">
      <TextField
        label="Search"
        type="search"
        placeholder="A name or a sku"
        autoComplete="off"
        maxLength={LENGTH_MAX}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
    </search>
  )
}
