/** Light, dark, or as the system has it; `theme.js` puts the choice in place before the page is painted. */
import { useState } from "react"

const THEMES = ["system", "light", "dark"] as const
type Theme = (typeof THEMES)[number]

const STORED_AS = "earmark.theme"

/** The theme, and what takes the next one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(chosen)
  return [
    theme,
    () => {
      const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system"
      choose(next)
      setTheme(next)
    },
  ]
}

function chosen(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === "light" || theme === "dark" ? theme : "system"
}

function choose(theme: Theme): void {
  const { dataset } = document.documentElement
  if (theme === "system") delete dataset["theme"]
  else dataset["theme"] = theme
  try {
    if (theme === "system") localStorage.removeItem(STORED_AS)
    else localStorage.setItem(STORED_AS, theme)
  } catch {
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
}
