import { type UseMutationOptions, useMutation } from "@tanstack/react-query"
import { useRef } from "react"

/**
 * A mutation that does not begin again while it is under way. That its button is busy is drawn a moment later: a second press in
 * between would do all of it once more, under another idempotency key.
 */
export function useSend<Made, Sent = void>(options: UseMutationOptions<Made, Error, Sent>) {
  const isUnderWay = useRef(false)
  const { mutate: begin, ...sending } = useMutation(options)
  const mutate = (sent: Sent) => {
    if (isUnderWay.current) return
    isUnderWay.current = true
    begin(sent, {
      onSettled: () => {
        isUnderWay.current = false
      },
    })
  }
  return { ...sending, mutate }
}
