import { SelectField } from "../ui/field.tsx"

interface FilterSelectProps<Value extends string> {
  readonly label: string
  readonly value: Value | undefined
  readonly values: readonly Value[]
  readonly onFilter: (value: Value | undefined) => void
}

/** One of a few values, or any. */
export function FilterSelect<Value extends string>(props: FilterSelectProps<Value>) {
  const { label, value, values, onFilter } = props
  return (
    <SelectField
      label={label}
      value={value ?? ""}
      onChange={({ target }) => onFilter(values.find((one) => one === target.value))}
    >
      <option value="">any</option>
      {values.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </SelectField>
  )
}
