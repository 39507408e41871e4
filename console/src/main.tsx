import "./index.css"
import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { createQueries } from "./api/queries.ts"
import { createAppRouter } from "./router.tsx"
import { Toasts } from "./ui/toasts.tsx"

const root = document.getElementById("root")
if (root === null) throw new Error("index.html has no #root")

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueries()}>
      <Toasts>
        <RouterProvider router={createAppRouter()} />
      </Toasts>
    </QueryClientProvider>
  </StrictMode>,
)
