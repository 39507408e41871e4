import { defaultServerConditions } from "vite"
import { defineConfig } from "vitest/config"

export default defineConfig({
  // Tests, bench and examples import "earmark" as its users do; in a clone that means the source.
  resolve: { conditions: ["earmark-source", ...defaultServerConditions] },
  ssr: { resolve: { conditions: ["earmark-source", ...defaultServerConditions] } },
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts", "console/src/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    globalSetup: ["tests/support/global-setup.ts"],
    // Real servers start and are killed in here, on machines that do other things at the same time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Every file has servers of its own beside it: more at once would only wait for each other.
    fileParallelism: true,
    maxWorkers: 2,
  },
})
