/**
 * Which addresses webhooks may go to. Users name the endpoints, so whoever may make one would otherwise reach whatever
 * this machine reaches: databases, admin pages, the credentials of the cloud.
 */
import { BlockList, isIP } from "node:net"
import { StartError } from "../../core/errors.ts"

/** Of IPv4, everything is public but these (IANA's special-purpose registry, and what clouds put elsewhere). */
const REFUSED_IPV4 = [
  "0.0.0.0/8", // unspecified; Linux connects to itself
  "10.0.0.0/8", // private
  "100.64.0.0/10", // between a provider and its customers; Alibaba's metadata is in here
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's host, as seen from its guests
  "169.254.0.0/16", // link-local, and with it the metadata of most clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // IETF protocols; Oracle's metadata is in here
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // relays of 6to4
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
]

/**
 * Of IPv6, nothing is public but this. It leaves out, without naming them: loopback, unspecified, private (fc00::/7, with
 * Amazon's metadata), link-local, site-local, multicast, and the forms that carry an IPv4 address: mapped, compatible,
 * translated (64:ff9b::/96, 64:ff9b:1::/48).
 */
const GLOBAL_IPV6 = "2000::/3"

const REFUSED_IPV6 = [
  "2001::/23", // IETF protocols: Teredo, which carries an IPv4 address, benchmarking, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4, which carries an IPv4 address
  "3fff::/20", // documentation
]

export interface AddressGuard {
  /** True when no network is excepted, so that plain http leads nowhere. */
  readonly httpsOnly: boolean
  /** @param protocol as in `URL.protocol`: plain http is for networks that are excepted, where nobody listens in. */
  permits(address: string, protocol: string): boolean
}

const refusedIpv4 = networks(REFUSED_IPV4)
const refusedIpv6 = networks(REFUSED_IPV6)
const globalIpv6 = networks([GLOBAL_IPV6])

/** @param exceptions networks as `10.1.0.0/16` or `::1/128` that webhooks may go to, by http too. */
export function addressGuard(exceptions: readonly string[]): AddressGuard {
  // A list for each family: in a common one, Node takes an IPv4 address and its IPv6 form for the same.
  const exceptedIpv4 = networks(exceptions.filter((network) => !network.includes(":")))
  const exceptedIpv6 = networks(exceptions.filter((network) => network.includes(":")))
  const isExcepted = (address: string) =>
    isIP(address) === 4 ? exceptedIpv4.check(address, "ipv4") : exceptedIpv6.check(address, "ipv6")
  return {
    httpsOnly: exceptions.length === 0,
    permits(address, protocol) {
      // With a zone an address means this machine's own network; the lists pass over zones.
      if (isIP(address) === 0 || address.includes("%")) return false
      return isExcepted(address) || (protocol === "https:" && isPublic(address))
    },
  }
}

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !refusedIpv4.check(address, "ipv4")
  return globalIpv6.check(address, "ipv6") && !refusedIpv6.check(address, "ipv6")
}

function networks(list: readonly string[]): BlockList {
  const blockList = new BlockList()
  for (const network of list) {
    const [, address = "", bits = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(network) ?? []
    const version = isIP(address)
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) {
      throw new StartError(`${network} is no network; expected one like 10.1.0.0/16 or fd00:1::/32`)
    }
    blockList.addSubnet(address, Number(bits), version === 4 ? "ipv4" : "ipv6")
  }
  return blockList
}
