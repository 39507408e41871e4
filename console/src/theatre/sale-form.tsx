import type { SaleDetails, TheatreProgramme } from "earmark/client"
import { type FormEvent, useState } from "react"
import { Button } from "../ui/button.tsx"
import { TextField } from "../ui/field.tsx"
import { count } from "../ui/numbers.ts"
import { Panel } from "../ui/panel.tsx"

type Strategy = SaleDetails["strategy"]

/** So few units that most go away with nothing, and so many buyers that it is a rush. */
export const UNITS = 100
export const BUYERS = 5_000

interface SaleFormProps {
  readonly programme: TheatreProgramme
  readonly isPlaying: boolean
  readonly onPlay: (sales: readonly SaleDetails[]) => void
  readonly onStop: () => void
}

export function SaleForm({ programme, isPlaying, onPlay, onStop }: SaleFormProps) {
  const { strategies, limits } = programme
  const [units, setUnits] = useState(String(UNITS))
  const [buyers, setBuyers] = useState(String(BUYERS))
  const [strategy, setStrategy] = useState<Strategy>("batched")
  const unitsError = outOfBounds(units, limits.unitsMax)
  const buyersError = outOfBounds(buyers, limits.buyersMax)
  const isWrong = unitsError !== undefined || buyersError !== undefined
  const detailsOf = (name: Strategy) => ({ units: Number(units), buyers: Number(buyers), strategy: name })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isWrong && !isPlaying) onPlay([detailsOf(strategy)])
  }
  return (
    <Panel title="The sale">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Units"
            inputMode="numeric"
            value={units}
            onChange={(event) => setUnits(event.target.value)}
            error={unitsError}
          />
          <TextField
            label="Buyers"
            inputMode="numeric"
            value={buyers}
            onChange={(event) => setBuyers(event.target.value)}
            error={buyersError}
            hint="One unit each, 200 at once"
          />
        </div>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">Strategy</legend>
          {strategies.map(({ name, title, description, isBroken }) => (
            <label
              key={name}
              className="group flex cursor-pointer gap-3 rounded-lg border border-line p-3 has-checked:border-accent has-checked:bg-sunken"
            >
              <input
                type="radio"
                name="strategy"
                value={name}
                checked={strategy === name}
                onChange={() => setStrategy(name)}
                className="mt-1 accent-accent"
              />
              <span className="min-w-0">
                <span className={isBroken ? "font-medium text-bad" : "font-medium"}>{title}</span>
                <span className="text-sm text-muted group-has-checked:block max-lg:hidden lg:block">
                  {description}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" kind="primary" disabled={isWrong || isPlaying}>
            Start
          </Button>
          <Button
            disabled={isWrong || isPlaying}
            onClick={() => onPlay([detailsOf("broken"), detailsOf("batched")])}
          >
            Broken, then batched
          </Button>
          <Button
            disabled={isWrong || isPlaying}
            onClick={() => onPlay(strategies.map(({ name }) => detailsOf(name)))}
          >
            All of them
          </Button>
          {isPlaying && (
            <Button kind="danger" onClick={onStop}>
              Stop
            </Button>
          )}
        </div>
      </form>
    </Panel>
  )
}

function outOfBounds(text: string, max: number): string | undefined {
  const number = Number(text)
  const isFine = /^\d+$/.test(text) && number >= 1 && number <= max
  return isFine ? undefined : `A whole number from 1 to ${count(max)}`
}
