import { Link } from "@tanstack/react-router"
import { Empty } from "../ui/notices.tsx"

export function PageMissing() {
  return (
    <Empty title="There is no such page">
      Go to the{" "}
      <Link to="/" className="text-accent underline">
        shop
      </Link>{" "}
      or the{" "}
      <Link to="/console" className="text-accent underline">
        console
      </Link>
      .
    </Empty>
  )
}
