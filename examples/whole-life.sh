#!/usr/bin/env bash
# The whole life of a reservation by curl. Usage: examples/whole-life.sh [URL of a running service]
set -euo pipefail
url=${1:-http://127.0.0.1:8080}
send() { curl --silent --show-error --fail-with-body -H 'Content-Type: application/json' "$@"; echo; }

send -X PUT "$url/v1/items/LAMP" -d '{"name":"Desk lamp"}'
send -X PUT "$url/v1/locations/STUDIO" -d '{"name":"Studio"}'
send "$url/v1/stock/adjustments" -d '{"sku":"LAMP","location":"STUDIO","delta":3,"reason":"received"}'

held=$(send "$url/v1/reservations" -H "Idempotency-Key: cart-$RANDOM$RANDOM" \
  -d '{"customerId":"ada","lines":[{"sku":"LAMP","quantity":2}],"ttlSeconds":300}')
id=$(sed -E 's/.*"id":"(rsv_[0-9a-f]+)".*/\1/' <<<"$held")
echo "held as $id"

send "$url/v1/items/LAMP/availability"
send "$url/v1/reservations/$id/extend" -d '{"ttlSeconds":600}'
send -X POST "$url/v1/reservations/$id/confirm" -d '{"reference":"order-1001"}'
# Confirming again gives the same answer; releasing what is sold is refused with 409.
send -X POST "$url/v1/reservations/$id/confirm"
curl --silent -X POST "$url/v1/reservations/$id/release" && echo
send "$url/v1/items/LAMP/availability"
