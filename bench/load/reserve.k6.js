// EARMARK_URL=http://127.0.0.1:8080 k6 run bench/load/reserve.k6.js
// biome-ignore-all lint/correctness/noUndeclaredDependencies: k6 brings these modules itself
import { check } from "k6"
import exec from "k6/execution"
import http from "k6/http"

const SERVICE = __ENV.EARMARK_URL || "http://127.0.0.1:8080"
const SKU = "LOAD-TEST"
const LOCATION = "LOAD-TEST"
/** More units than a run can take. */
const UNITS = 100_000
const CONFIRMED_OF_TEN = 7

export const options = {
  scenarios: {
    // By the clock: a service that falls behind is not waited for.
    reserve: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE || 100),
      timeUnit: "1s",
      duration: __ENV.DURATION || "1m",
      preAllocatedVUs: 50,
      maxVUs: 1000,
    },
  },
  // Errors only: how fast it has to be on your machine is yours to say (`http_req_duration: ["p(95)<20"]`).
  thresholds: { checks: ["rate==1"], http_req_failed: ["rate==0"], dropped_iterations: ["count==0"] },
}

// Sold out is an answer and no error.
http.setResponseCallback(http.expectedStatuses(200, 201, 409))

/** Once, whatever was there before. What it returns is given to every iteration. */
export function setup() {
  const made = { "is there": ({ status }) => status === 200 || status === 201 }
  check(send("PUT", `/v1/locations/${LOCATION}`, { name: "For load tests" }), made)
  check(send("PUT", `/v1/items/${SKU}`, { name: "For load tests" }), made)
  const received = { sku: SKU, location: LOCATION, delta: UNITS, reason: "received" }
  check(send("POST", "/v1/stock/adjustments", received), { "is received": ({ status }) => status === 201 })
  return { run: Date.now().toString(36) }
}

// biome-ignore lint/style/noDefaultExport: what k6 calls
export default function reserveAndEnd({ run }) {
  const iteration = exec.scenario.iterationInTest
  const key = `k6-${run}-${iteration}`
  const lines = [{ sku: SKU, location: LOCATION, quantity: 1 }]
  const reserved = send("POST", "/v1/reservations", { customerId: key, lines }, { "Idempotency-Key": key })
  check(reserved, { "is reserved or sold out": ({ status }) => status === 201 || status === 409 })
  if (reserved.status !== 201) return
  const path = `/v1/reservations/${reserved.json("id")}`
  const ended =
    iteration % 10 < CONFIRMED_OF_TEN
      ? send("POST", `${path}/confirm`, { reference: `order-${key}` })
      : send("POST", `${path}/release`, { reason: "changed their mind" })
  check(ended, { "is confirmed or released": ({ status }) => status === 200 })
}

function send(method, path, body, headers = {}) {
  return http.request(method, SERVICE + path, JSON.stringify(body), {
    headers: { "Content-Type": "application/json", ...headers },
    // One row of the results for each route, and not for each reservation.
    tags: { name: `${method} ${path.replace(/rsv_\w+/, ":id")}` },
  })
}
