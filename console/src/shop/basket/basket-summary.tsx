import { useState } from "react"
import { Button } from "../../ui/button.tsx"
import { SelectField } from "../../ui/field.tsx"
import { count } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"
import type { Reserving } from "../reserving/use-reserve.ts"
import { type BasketLine, emptyBasket } from "./basket.ts"

/** Short ones let a deadline be seen. */
const HOLD_TIMES = [
  { name: "10 seconds", ttlSeconds: 10 },
  { name: "30 seconds", ttlSeconds: 30 },
  { name: "1 minute", ttlSeconds: 60 },
  { name: "5 minutes", ttlSeconds: 300 },
  { name: "1 hour", ttlSeconds: 3_600 },
] as const

interface BasketSummaryProps {
  readonly lines: readonly BasketLine[]
  readonly reserving: Reserving
}

export function BasketSummary({ lines, reserving }: BasketSummaryProps) {
  const [ttl, setTtl] = useState("")
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0)
  return (
    <Panel title="Reserve">
      <dl className="mb-4 flex justify-between gap-4 border-b border-line pb-4">
        <dt className="text-muted">{lines.length === 1 ? "1 line" : `${count(lines.length)} lines`}</dt>
        <dd className="font-semibold">
          {count(units)} {units === 1 ? "unit" : "units"}
        </dd>
      </dl>
      <SelectField
        label="Hold it for"
        hint="Until then nobody else gets it; after that it is back for sale."
        value={ttl}
        onChange={({ target }) => setTtl(target.value)}
      >
        <option value="">The default</option>
        {HOLD_TIMES.map(({ name, ttlSeconds }) => (
          <option key={ttlSeconds} value={ttlSeconds}>
            {name}
          </option>
        ))}
      </SelectField>
      <div className="mt-4 flex flex-col gap-2">
        <Button
          kind="primary"
          isBusy={reserving.isPending}
          onClick={() =>
            reserving.reserve({ lines, ...(ttl !== "" && { ttlSeconds: Number(ttl) }) }, { isOfBasket: true })
          }
        >
          {reserving.isPending ? "Reserving ..." : "Reserve all of it"}
        </Button>
        <Button kind="quiet" onClick={emptyBasket}>
          Empty the basket
        </Button>
      </div>
    </Panel>
  )
}
