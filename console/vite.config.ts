import { fileURLToPath } from "node:url"
import tailwind from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"
import { compressed } from "./vite-compressed.ts"

/** Where `npx vite console` finds the API while one works on the pages. */
const SERVICE = "http://127.0.0.1:8080"

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // `earmark/client` is its source: what the pages run is what this clone has.
  resolve: { tsconfigPaths: true },
  plugins: [react(), tailwind(), compressed()],
  build: {
    target: "es2023",
    // A style in the page itself would be against its content security policy, and so would a data: font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    proxy: {
      "/v1": { target: SERVICE, ws: true },
      "/readyz": SERVICE,
      "/livez": SERVICE,
      "/metrics": SERVICE,
      "/docs": SERVICE,
    },
  },
})
