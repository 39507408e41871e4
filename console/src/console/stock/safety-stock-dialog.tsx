import { operator } from "../../api/client.ts"
import { TextField } from "../../ui/field.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { FormDialog } from "../form-dialog.tsx"
import type { Level } from "./level-row.tsx"

interface SafetyStockDialogProps {
  readonly sku: string
  readonly level: Level
  readonly onClose: () => void
}

export function SafetyStockDialog({ sku, level, onClose }: SafetyStockDialogProps) {
  const tell = useTell()
  const { location, safetyStock } = level
  return (
    <FormDialog
      title={`Safety stock of ${sku} at ${location}`}
      action="Set"
      onClose={onClose}
      pointers={["/safetyStock"]}
      send={(form, options) =>
        operator.stock.setSafetyStock(
          sku,
          location,
          { safetyStock: Number(form.get("safetyStock") || Number.NaN) },
          options,
        )
      }
      onDone={() => tell.good(`The safety stock of ${sku} at ${location} is set.`)}
    >
      {(errorAt) => (
        <TextField
          name="safetyStock"
          label="Units"
          type="number"
          min="0"
          step="1"
          defaultValue={safetyStock}
          hint="Kept back from sale: what is reserved never goes below."
          error={errorAt("/safetyStock")}
        />
      )}
    </FormDialog>
  )
}
