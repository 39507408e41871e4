import { useQueryClient } from "@tanstack/react-query"
import { EarmarkUnanswered, isProblem, type WriteOptions } from "earmark/client"
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react"
import { useSend } from "../api/use-send.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Failure } from "../ui/notices.tsx"

/** What is wrong with a field, by the JSON pointer that the service names it with. */
type ErrorAt = (pointer: string) => string | undefined

interface FormDialogProps<Made> {
  readonly title: string
  readonly action: string
  readonly isDanger?: boolean
  readonly onClose: () => void
  /** Sends what the form says. */
  readonly send: (form: FormData, options: WriteOptions) => Promise<Made>
  readonly onDone: (made: Made) => void
  /** The pointers for which the form has a field: whatever else is wrong is said below. */
  readonly pointers: readonly string[]
  /** For refusals that are about one field although they name none. */
  readonly aboutField?: (error: unknown) => { readonly pointer: string; readonly message: string } | undefined
  readonly children: (errorAt: ErrorAt) => ReactNode
}

/** Something an operator does: it is sent once however often the button is pressed, and what is wrong is said where it is. */
export function FormDialog<Made>(props: FormDialogProps<Made>) {
  const { title, action, isDanger = false, onClose, send, onDone, pointers, aboutField, children } = props
  const form = useRef<HTMLFormElement>(null)
  const [unansweredKey, setUnansweredKey] = useState<string | null>(null)
  const queries = useQueryClient()
  const doing = useSend({
    // Of the same form that nobody answered, the key of that time finds out what became of it.
    mutationFn: (data: FormData) =>
      send(data, unansweredKey === null ? {} : { idempotencyKey: unansweredKey }),
    onSuccess: (made) => {
      onDone(made)
      void queries.invalidateQueries()
      onClose()
    },
    onError: (error) =>
      setUnansweredKey(error instanceof EarmarkUnanswered && !error.notApplied ? error.idempotencyKey : null),
  })
  const { error } = doing
  const found = errorsOf(error, aboutField)
  const isSaidAbove =
    found.length > 0 && found.every((one) => pointers.some((pointer) => isAbout(one, pointer)))
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus()
  }, [error])
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    doing.mutate(new FormData(event.currentTarget))
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={form}
        noValidate
        onSubmit={submit}
        onChange={() => setUnansweredKey(null)}
        className="flex flex-col gap-4"
      >
        {children((pointer) => found.find((one) => isAbout(one, pointer))?.message)}
        {error && !isSaidAbove && <Failure error={error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" kind={isDanger ? "danger" : "primary"} isBusy={doing.isPending}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function errorsOf(error: unknown, aboutField: FormDialogProps<unknown>["aboutField"]) {
  const about = error ? aboutField?.(error) : undefined
  if (about) return [about]
  return isProblem(error) ? error.errors : []
}

/** What is wrong with a part of a list is said at its field. */
function isAbout(error: { readonly pointer: string }, pointer: string): boolean {
  return error.pointer === pointer || error.pointer.startsWith(`${pointer}/`)
}
