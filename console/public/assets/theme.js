// The theme that was chosen by hand; without one the system's counts. Storage may be forbidden, which is no reason to fail.
try {
  const theme = localStorage.getItem("earmark.theme")
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme
} catch {}
