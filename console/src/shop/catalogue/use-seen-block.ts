/** Which part of a long list is before the shopper's eyes: only so many items can be followed at once. */
import { useCallback, useEffect, useRef, useState } from "react"
import { FOLLOWED_SKUS_MAX } from "../../api/live-stock.ts"

/** The part moves by half of itself, so that scrolling seldom connects anew, and what is seen lies within it. */
const STEP = FOLLOWED_SKUS_MAX / 2

export interface SeenBlock {
  readonly begin: number
  readonly end: number
  /** For the element of the item at this place; what it returns is called when the element goes. */
  watch(element: Element, index: number): () => void
}

export function useSeenBlock(): SeenBlock {
  const [begin, setBegin] = useState(0)
  const places = useRef(new Map<Element, number>())
  const seen = useRef(new Set<number>())
  const observer = useRef<IntersectionObserver | null>(null)
  const observe = useCallback(() => {
    observer.current ??= new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) {
        const place = places.current.get(target)
        if (place === undefined) continue
        if (isIntersecting) seen.current.add(place)
        else seen.current.delete(place)
      }
      if (seen.current.size === 0) return
      setBegin(STEP * Math.floor(Math.min(...seen.current) / STEP))
    })
    return observer.current
  }, [])
  const watch = useCallback(
    (element: Element, index: number) => {
      places.current.set(element, index)
      observe().observe(element)
      return () => {
        observer.current?.unobserve(element)
        places.current.delete(element)
        seen.current.delete(index)
      }
    },
    [observe],
  )
  useEffect(() => () => observer.current?.disconnect(), [])
  return {
    begin,
    end: begin + FOLLOWED_SKUS_MAX,
    watch,
  }
}
