import { useEffect, useState } from "react"

const COPIED_MS = 1_500

/** An id or a command that a press copies. */
export function Copyable({ text }: { readonly text: string }) {
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      title="Copy"
      className="max-w-full rounded bg-sunken px-1.5 py-0.5 text-left font-mono text-sm break-all hover:brightness-95"
      onClick={async () => {
        setIsCopied(await copied(text))
      }}
    >
      {text}
      <span role="status" className="ml-2 font-sans text-xs text-good empty:hidden">
        {isCopied ? "copied" : ""}
      </span>
    </button>
  )
}

/** Browsers offer a clipboard to secure addresses only, and may forbid it there too; the text can still be marked. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
