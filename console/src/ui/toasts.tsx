/** Short messages at the edge of the page; a screen reader says them. */
import { Toast } from "radix-ui"
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react"
import { classNames } from "./class-names.ts"
import { detailOf } from "./notices.tsx"

type Kind = "good" | "bad"

interface Message {
  readonly id: number
  readonly kind: Kind
  readonly text: string
}

/** Long enough to be read twice; a failure stays longer. */
const SHOWN_MS: Record<Kind, number> = { good: 5_000, bad: 12_000 }
/** Older ones make room: a burst must not cover the page. */
const MESSAGES_MAX = 4

const BORDERS: Record<Kind, string> = { good: "border-good", bad: "border-bad" }

interface Tell {
  good(text: string): void
  /** What was thrown, or a sentence. */
  bad(trouble: unknown): void
}

const TellContext = createContext<Tell | null>(null)

export function useTell(): Tell {
  const tell = useContext(TellContext)
  if (tell === null) throw new Error("useTell needs <Toasts> around the page")
  return tell
}

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [messages, setMessages] = useState<readonly Message[]>([])
  const nextId = useRef(0)
  const add = useCallback((kind: Kind, text: string) => {
    const message = { id: nextId.current++, kind, text }
    setMessages((before) => [...before, message].slice(-MESSAGES_MAX))
  }, [])
  const tell = useMemo<Tell>(
    () => ({
      good: (text) => add("good", text),
      bad: (trouble) => add("bad", detailOf(trouble)),
    }),
    [add],
  )
  return (
    <TellContext value={tell}>
      <Toast.Provider swipeDirection="right">
        {children}
        {messages.map(({ id, kind, text }) => (
          <Toast.Root
            key={id}
            type={kind === "bad" ? "foreground" : "background"}
            duration={SHOWN_MS[kind]}
            onOpenChange={(isOpen) => {
              if (!isOpen) setMessages((before) => before.filter((message) => message.id !== id))
            }}
            className={classNames(
              "flex items-start justify-between gap-3 rounded-lg border-l-4 bg-panel p-3 shadow-lg ring-1 ring-line",
              BORDERS[kind],
            )}
          >
            <Toast.Description className="min-w-0 break-words">{text}</Toast.Description>
            <Toast.Close className="text-muted" aria-label="Dismiss">
              ✕
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className="fixed right-0 bottom-0 z-50 flex w-full max-w-sm flex-col gap-2 p-4" />
      </Toast.Provider>
    </TellContext>
  )
}
