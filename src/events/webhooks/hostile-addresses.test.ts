import { afterAll, describe, expect, test } from "vitest"
import { MESSAGE, secrets } from "../../../tests/support/sending.ts"
import { StartError } from "../../core/errors.ts"
import { URL_LENGTH_MAX } from "../../core/limits.ts"
import { addressGuard } from "./address-guard.ts"
import { parseEndpointUrl } from "./endpoint-url.ts"
import { openSender } from "./send.ts"

/** Addresses in URLs, in every spelling that a URL may have. */
const HOSTILE_URLS = [
  "https://127.0.0.1/",
  "https://127.0.0.1:8443/",
  "https://127.255.255.254/",
  "https://127.1/",
  "https://127.0.1/",
  "https://127.0.0.1./",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0x7f.1/",
  "https://0X7F.0x0.0x0.0x1/",
  "https://0177.0.0.1/",
  "https://0177.0.0.01/",
  "https://017700000001/",
  "https://0x7f.0.0.01/",
  "https://%31%32%37.0.0.1/",
  "https://127.0.0.1%2e/",
  "https://①②⑦.⓪.⓪.①/",
  // Full-width digits and dots.
  "https://\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11/",
  "https://127。0。0。1/",
  "https://127\u00ad.0.0.1/",
  "https://0/",
  "https://0x/",
  "https://0.0.0.0/",
  "https://10.0.0.1/",
  "https://167772161/",
  "https://172.16.0.1/",
  "https://192.168.1.1/",
  "https://192.168.257/",
  "https://169.254.169.254/latest/meta-data/",
  "https://2852039166/",
  "https://0xa9fea9fe/",
  "https://0251.0376.0251.0376/",
  "https://169.254.43518/",
  "https://100.100.100.200/",
  "https://192.0.0.192/",
  "https://168.63.129.16/",
  "https://255.255.255.255/",
  "https://4294967295/",
  "https://[::1]/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::ffff:a9fe:a9fe]/",
  "https://[0:0:0:0:0:ffff:10.0.0.1]/",
  "https://[::ffff:8.8.8.8]/",
  "https://[::127.0.0.1]/",
  "https://[::ffff:0:127.0.0.1]/",
  "https://[64:ff9b::169.254.169.254]/",
  "https://[64:ff9b:1::10.0.0.1]/",
  "https://[2002:7f00:1::]/",
  "https://[2002:a9fe:a9fe::1]/",
  "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
  "https://[fd00:ec2::254]/",
  "https://[fe80::1]/",
  "https://[fec0::1]/",
  "https://[ff02::1]/",
  "http://127.0.0.1/",
  "http://93.184.215.14/",
]

/** Addresses that a name may lead to; the first and the last of each network. */
const HOSTILE_ADDRESSES = [
  ...["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"],
  ...["127.0.0.0", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.255.255"],
  ...["172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255"],
  ...["192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1"],
  ...["203.0.113.1", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255"],
  ...[
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:8.8.8.8",
    "::ffff:0:1.2.3.4",
  ],
  ...["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "100::1", "1fff:ffff::1"],
  ...["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:1ff:ffff::1"],
  ...["2001:db8::1", "2001:db8:ffff::1", "2002::1", "2002:7f00:1::1", "3fff::1", "3fff:fff:ffff::1"],
  ...["4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff:ffff::1", "fe80::1", "febf:ffff::1"],
  ...["fec0::1", "feff::1", "ff00::1", "ff02::1", "ffff::1"],
  ...["fe80::1%eth0", "fe80::1%1", "2606:4700:4700::1111%eth0", "::1%lo"],
  ...["", "localhost", "127.1", "0x7f.0.0.1", "1.2.3", "[::1]"],
]

const PUBLIC_ADDRESSES = [
  ...["1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.215.14", "100.63.255.255", "100.128.0.0"],
  ...["126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0"],
  ...[
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
  ],
  ...["198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.112.255", "203.0.114.0", "223.255.255.255"],
  ...["2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2003::1"],
  ...["2606:4700:4700::1111", "2a00:1450:4001::1", "3ffe::1", "3fff:1000::1"],
]

const CLOSED = addressGuard([])

let answer: readonly string[] = []
const lookedUp: string[] = []
const sender = openSender({
  guard: CLOSED,
  userAgent: "earmark/test",
  resolve: async (hostname) => {
    lookedUp.push(hostname)
    return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
  },
})
afterAll(() => sender.close())

test("there are more than sixty of them", () => {
  expect(new Set([...HOSTILE_URLS, ...HOSTILE_ADDRESSES]).size).toBeGreaterThan(60)
})

describe("by what the URL says", () => {
  test.each(HOSTILE_URLS)("%s is refused, when it is made and when it is sent to", async (url) => {
    expect(parseEndpointUrl(url, CLOSED)).toHaveProperty("problem")
    const result = await sender.send({ id: url, url, secrets }, MESSAGE)
    expect(result).toMatchObject({ kind: "refused_address", status: null })
    expect(lookedUp).toEqual([])
  })
})

describe("by where the name leads", () => {
  const sendTo = (...addresses: readonly string[]) => {
    answer = addresses
    lookedUp.length = 0
    return sender.send({ id: "wh_1", url: "https://hooks.example/in", secrets }, MESSAGE)
  }

  test.each(HOSTILE_ADDRESSES)("%s is refused", async (address) => {
    const result = await sendTo(address)
    expect(result).toMatchObject({ kind: "refused_address", status: null })
    expect(lookedUp).toEqual(["hooks.example"])
    // Who may make an endpoint shall not learn from it what a private resolver answers.
    expect(JSON.stringify(result)).not.toContain(address || "nothing")
  })

  test("one that is refused spoils the rest", async () => {
    expect(await sendTo("93.184.215.14", "127.0.0.1")).toMatchObject({ kind: "refused_address" })
    expect(await sendTo("2606:4700:4700::1111", "93.184.215.14", "fd00::1")).toMatchObject({
      kind: "refused_address",
    })
  })

  test("no address at all is no refusal", async () => {
    expect(await sendTo()).toMatchObject({ kind: "unreachable", reason: "dns" })
  })

  test.each(PUBLIC_ADDRESSES)("%s is permitted, by https alone", (address) => {
    expect(CLOSED.permits(address, "https:")).toBe(true)
    expect(CLOSED.permits(address, "http:")).toBe(false)
  })
})

describe("excepted networks", () => {
  const guard = addressGuard(["127.0.0.1/32", "10.1.0.0/16", "fd00:1::/32"])

  test.each(["127.0.0.1", "10.1.255.255", "fd00:1::5"])("%s is permitted, also by http", (address) => {
    expect(guard.permits(address, "http:")).toBe(true)
    expect(guard.permits(address, "https:")).toBe(true)
  })

  test.each(["127.0.0.2", "10.2.0.0", "fd00:2::", "::ffff:127.0.0.1", "::ffff:10.1.0.1", "fd00:1::5%eth0"])(
    "%s is not",
    (address) => {
      expect(guard.permits(address, "https:")).toBe(false)
    },
  )

  test("by URL", () => {
    const accepts = (url: string) => "value" in parseEndpointUrl(url, guard)
    expect(accepts("http://127.0.0.1:3000/in")).toBe(true)
    expect(accepts("http://0x7f.1/in")).toBe(true)
    expect(accepts("https://[fd00:1::5]/")).toBe(true)
    // Where it leads is looked at when it is connected to.
    expect(accepts("http://receiver.internal:8080/")).toBe(true)
    expect(accepts("http://127.0.0.2:3000/in")).toBe(false)
    expect(accepts("http://93.184.215.14/in")).toBe(false)
  })

  test.each([
    "",
    "10.0.0.0",
    "10.0.0.0/33",
    "::/129",
    "10.1/16",
    "localhost/8",
    "10.0.0.0/-1",
    "fe80::%eth0/10",
  ])("%j is no network", (network) => {
    expect(() => addressGuard([network])).toThrow(StartError)
  })
})

describe("URLs", () => {
  const path = (length: number) =>
    `https://hooks.example/${"a".repeat(length - "https://hooks.example/".length)}`

  test.each([
    ["https://hooks.example", "https://hooks.example/"],
    ["HTTPS://Hooks.Example/In?a=1&b=%20", "https://hooks.example/In?a=1&b=%20"],
    ["https://hooks.example:443/", "https://hooks.example/"],
    ["https://hooks.example:8443/", "https://hooks.example:8443/"],
    ["https://hooks.example:1024/", "https://hooks.example:1024/"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
    ["https://93.184.215.14/", "https://93.184.215.14/"],
    ["https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"],
    ["https://127.0.0.1.hooks.example/", "https://127.0.0.1.hooks.example/"],
    ["https://hooks.example/?next=http://127.0.0.1/@", "https://hooks.example/?next=http://127.0.0.1/@"],
    [path(URL_LENGTH_MAX), path(URL_LENGTH_MAX)],
  ])("%s is accepted", (url, href) => {
    expect(parseEndpointUrl(url, CLOSED)).toMatchObject({ value: { href } })
  })

  test.each([
    ["", "https URL"],
    ["hooks.example/in", "https URL"],
    ["//hooks.example/in", "https URL"],
    ["http://hooks.example/", "must be an https URL of at most 2048 characters"],
    ["ftp://hooks.example/", "https URL"],
    ["file:///etc/passwd", "https URL"],
    ["javascript:alert(1)", "https URL"],
    ["https://", "https URL"],
    ["https:///hooks.example", "https URL"],
    ["https:hooks.example", "https URL"],
    ["https:\\\\hooks.example\\in", "https URL"],
    ["https://hooks.example\\@127.0.0.1/", "https URL"],
    [" https://hooks.example/", "https URL"],
    ["https://hooks.example/ in", "https URL"],
    ["https://hooks.exa\nmple/", "https URL"],
    ["https://hooks.example/\t", "https URL"],
    ["https://256.0.0.1/", "https URL"],
    ["https://[fe80::1%25eth0]/", "https URL"],
    ["https://hooks.example:65536/", "https URL"],
    [path(URL_LENGTH_MAX + 1), "at most 2048"],
    [`https://hooks.example/${"ü".repeat(1000)}`, "at most 2048"],
    ["https://user@hooks.example/", "a user or a password"],
    ["https://user:secret@hooks.example/", "a user or a password"],
    ["https://:secret@hooks.example/", "a user or a password"],
    ["https://hooks.example@127.0.0.1/", "a user or a password"],
    ["https://hooks.example:443@127.0.0.1/", "a user or a password"],
    ["https://hooks.example#@127.0.0.1/", "fragment"],
    ["https://hooks.example/#in", "fragment"],
    ["https://hooks.example:22/", "default port"],
    ["https://hooks.example:25/", "default port"],
    ["https://hooks.example:80/", "default port"],
    ["https://hooks.example:0/", "default port"],
    ["https://hooks.example:1023/", "default port"],
  ])("%s is refused", (url, problem) => {
    expect(parseEndpointUrl(url, CLOSED)).toEqual({ problem: expect.stringContaining(problem) })
  })
})
