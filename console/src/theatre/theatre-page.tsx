import { PageHeader } from "../ui/panel.tsx"

export function TheatrePage() {
  return <PageHeader title="Flash-sale theatre" />
}
