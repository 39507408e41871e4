import type { Webhook, WebhookDetails } from "earmark/client"
import { useId } from "react"
import { TextField } from "../../ui/field.tsx"
import { EVENT_TYPES } from "../events/event-types.ts"

/** The fields of a webhook, for a new one and for one that there is. */
export function WebhookFields({
  webhook,
  errorAt,
}: {
  readonly webhook?: Webhook
  readonly errorAt: (pointer: string) => string | undefined
}) {
  const typesId = useId()
  return (
    <>
      <TextField
        name="url"
        type="url"
        label="URL"
        defaultValue={webhook?.url}
        placeholder="https://shop.example/hooks/stock"
        error={errorAt("/url")}
      />
      <TextField
        name="description"
        label="Description"
        defaultValue={webhook?.description ?? ""}
        error={errorAt("/description")}
      />
      <TextField
        name="skus"
        label="Skus"
        defaultValue={webhook?.skus?.join(", ")}
        hint="Only events about these items, separated by commas; of all items if none is named."
        error={errorAt("/skus")}
      />
      <fieldset aria-describedby={typesId}>
        <legend className="text-sm font-medium">Types of events</legend>
        <p id={typesId} className="mb-1 text-sm text-muted">
          All of them if none is chosen.
        </p>
        <div className="grid gap-x-4 sm:grid-cols-2">
          {EVENT_TYPES.map((type) => (
            <label key={type} className="flex min-h-8 items-center gap-2 text-sm">
              <input
                type="checkbox"
                name="types"
                value={type}
                defaultChecked={webhook?.types?.includes(type)}
                className="size-4 accent-accent"
              />
              {type}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  )
}

/** Of what is not chosen, all: null where the service is told so. */
export function detailsIn(form: FormData) {
  const chosen = form.getAll("types")
  const types = EVENT_TYPES.filter((type) => chosen.includes(type))
  const skus = String(form.get("skus"))
    .split(",")
    .map((sku) => sku.trim())
    .filter((sku) => sku !== "")
  const description = String(form.get("description")).trim()
  return {
    url: String(form.get("url")).trim(),
    types: types.length > 0 ? types : null,
    skus: skus.length > 0 ? skus : null,
    description: description === "" ? null : description,
  }
}

/** The same for one that is new. */
export function newDetailsIn(form: FormData): WebhookDetails {
  const { url, types, skus, description } = detailsIn(form)
  return { url, ...(types && { types }), ...(skus && { skus }), ...(description && { description }) }
}

export const WEBHOOK_POINTERS = ["/url", "/types", "/skus", "/description"]
