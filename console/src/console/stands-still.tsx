import { Button } from "../ui/button.tsx"

/** Over a list that somebody has scrolled into: nothing moves there until they are back at its beginning. */
export function StandsStill() {
  return (
    <div className="sticky top-2 z-10 h-0">
      <p
        role="status"
        className="mx-auto flex w-fit items-center gap-3 rounded-full border border-edge bg-panel py-1 pr-1 pl-4 text-sm shadow-lg"
      >
        Stands still while you read
        <Button isSmall className="rounded-full" onClick={() => scrollTo({ top: 0 })}>
          Go on
        </Button>
      </p>
    </div>
  )
}
