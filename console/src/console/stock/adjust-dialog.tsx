import { type Adjustment, isProblem } from "earmark/client"
import { operator } from "../../api/client.ts"
import { SelectField, TextField } from "../../ui/field.tsx"
import { count } from "../../ui/numbers.ts"
import { useTell } from "../../ui/toasts.tsx"
import { FormDialog } from "../form-dialog.tsx"

const REASONS = [
  "received",
  "counted",
  "damaged",
  "returned",
  "other",
] as const satisfies readonly Adjustment["reason"][]

interface AdjustDialogProps {
  readonly sku: string
  /** Null: wherever the form says, also where the item was never before. */
  readonly location: string | null
  readonly onClose: () => void
}

export function AdjustDialog({ sku, location, onClose }: AdjustDialogProps) {
  const tell = useTell()
  return (
    <FormDialog
      title={location === null ? `Receive ${sku}` : `Adjust ${sku} at ${location}`}
      action="Adjust"
      onClose={onClose}
      pointers={["/location", "/delta", "/reason", "/reference"]}
      aboutField={aboutField}
      send={(form, options) =>
        operator.stock.adjust(
          {
            sku,
            location: location ?? textIn(form, "location"),
            delta: Number(form.get("delta")),
            reason: REASONS.find((reason) => reason === form.get("reason")) ?? "other",
            ...(textIn(form, "reference") && { reference: textIn(form, "reference") }),
          },
          options,
        )
      }
      onDone={(level) =>
        tell.good(`${count(level.onHand)} of ${level.sku} are on hand at ${level.location} now.`)
      }
    >
      {(errorAt) => (
        <>
          {location === null && (
            <TextField name="location" label="Location" hint="Its code" error={errorAt("/location")} />
          )}
          <TextField
            name="delta"
            label="Units"
            type="number"
            step="1"
            inputMode="text"
            hint="Above 0 they come, below 0 they go."
            error={errorAt("/delta")}
          />
          <SelectField name="reason" label="Reason" error={errorAt("/reason")}>
            {REASONS.map((reason) => (
              <option key={reason}>{reason}</option>
            ))}
          </SelectField>
          <TextField
            name="reference"
            label="Reference"
            hint="What it can be found by elsewhere, such as a delivery note"
            error={errorAt("/reference")}
          />
        </>
      )}
    </FormDialog>
  )
}

function textIn(form: FormData, name: string): string {
  return String(form.get(name) ?? "").trim()
}

function aboutField(error: unknown) {
  if (isProblem(error, "location_not_found")) return { pointer: "/location", message: error.detail }
  if (!isProblem(error, "stock_below_held")) return undefined
  const way = "What is held was promised to somebody: release it first, or wait until it is sold or expires."
  return { pointer: "/delta", message: `${error.detail} ${way}` }
}
