import { expect, test } from "vitest"
import { kafkaUrl } from "./kafka-url.ts"

const [a, b] = [
  { host: "a", port: 9092 },
  { host: "b.example", port: 19_092 },
]
const login = { username: "user", password: "word", mechanism: "PLAIN" }

test.each([
  ["kafka://a", { brokers: [a], isEncrypted: false, login: null }],
  ["kafka://a,b.example:19092", { brokers: [a, b], isEncrypted: false, login: null }],
  ["kafkas://a:9092/", { brokers: [a], isEncrypted: true, login: null }],
  ["kafka://[::1]:9092", { brokers: [{ host: "::1", port: 9092 }], isEncrypted: false, login: null }],
  ["kafkas://user:word@a", { brokers: [a], isEncrypted: true, login }],
  [
    "kafkas://us%40er:w%3Aor%2Cd@a,b.example:19092?sasl=scram-sha-512",
    {
      brokers: [a, b],
      isEncrypted: true,
      login: { username: "us@er", password: "w:or,d", mechanism: "SCRAM-SHA-512" },
    },
  ],
])("%s is taken", (text, value) => {
  expect(kafkaUrl(text)).toEqual({ value })
})

test.each([
  "a:9092",
  "http://a:9092",
  "kafka://",
  "kafka://a:0",
  "kafka://a:65536",
  "kafka://a:x",
  "kafka://a,,b",
  "kafka://a b",
  "kafka://a/topic",
  "kafka://a?sasl=plain",
  "kafka://user@a",
  "kafka://user:@a",
  "kafka://user:%zz@a",
  "kafka://user:word@a?sasl=gssapi",
  "kafka://user:word@a?acks=1",
])("%s is refused", (text) => {
  expect(kafkaUrl(text)).not.toHaveProperty("value")
})
