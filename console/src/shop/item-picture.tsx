import { type CSSProperties, useState } from "react"
import { classNames } from "../ui/class-names.ts"

interface ItemPictureProps {
  readonly name: string
  readonly imageUrl: string | null
  readonly className?: string
}

/** The item's own picture; without one, or where it cannot be had, shapes that are always the same for its name. */
export function ItemPicture({ name, imageUrl, className }: ItemPictureProps) {
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null)
  return (
    <div className={classNames("relative overflow-hidden bg-sunken", className)}>
      {imageUrl === null || imageUrl === brokenUrl ? (
        <Drawn name={name} />
      ) : (
        <img
          src={imageUrl}
          alt=""
          loading="lazy"
          decoding="async"
          referrerPolicy="no-referrer"
          className="size-full object-cover"
          onError={() => setBrokenUrl(imageUrl)}
        />
      )}
    </div>
  )
}

const TINTS = ["--available", "--held", "--sold", "--allotted", "--accent"] as const

function Drawn({ name }: { readonly name: string }) {
  const draw = drawing(name)
  const tint = TINTS[draw(TINTS.length)] ?? "--accent"
  const isMirrored = draw(2) === 1
  return (
    <div
      aria-hidden="true"
      className={classNames("absolute inset-0", isMirrored && "-scale-x-100")}
      style={{ background: shade(tint, 13) }}
    >
      <span style={{ ...shapeAt(draw, 62), background: shade(tint, 24), borderRadius: "50%" }} />
      <span style={{ ...shapeAt(draw, 46), background: shade(tint, 40), borderRadius: "50% 50% 0 0" }} />
      <span style={{ ...shapeAt(draw, 26), background: shade(tint, 62), borderRadius: corner(draw) }} />
    </div>
  )
}

/** Numbers below a bound, one after the other, that the name alone decides (FNV-1a, and then its steps). */
function drawing(name: string): (below: number) => number {
  let hash = 2_166_136_261
  const mix = (byte: number) => {
    hash = Math.imul(hash ^ byte, 16_777_619) >>> 0
  }
  for (let index = 0; index < name.length; index += 1) mix(name.charCodeAt(index))
  return (below) => {
    mix(below)
    return (hash >>> 11) % below
  }
}

/** Of a square that is so much of the picture's height. */
function shapeAt(draw: (below: number) => number, heightPercent: number): CSSProperties {
  return {
    position: "absolute",
    height: `${heightPercent}%`,
    aspectRatio: "1",
    left: `${12 + draw(48)}%`,
    bottom: `${10 + draw(Math.max(4, 74 - heightPercent))}%`,
  }
}

function corner(draw: (below: number) => number): string {
  return ["50%", "8%", "0 100% 0 0"][draw(3)] ?? "50%"
}

function shade(tint: string, percent: number): string {
  return `color-mix(in oklab, var(${tint}) ${percent}%, var(--sunken))`
}
