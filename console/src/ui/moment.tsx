import { moment } from "./numbers.ts"

/** In the reader's time zone; pointing at it shows what was sent, which is UTC. */
export function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap">
      {moment(at)}
    </time>
  )
}
