/** How connections to endpoints are made: only ever to an address that the guard has looked at. */
import { lookup } from "node:dns/promises"
import type { LookupFunction } from "node:net"
import { buildConnector } from "undici"
import type { AddressGuard } from "./address-guard.ts"
import { EndpointFailure } from "./endpoint-failure.ts"

interface Address {
  readonly address: string
  readonly family: number
}

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>

export interface ConnectorOptions {
  readonly guard: AddressGuard
  /** Bounds an attempt, from looking up the name to the end of the answer. */
  readonly timeoutMs: number
  /** The system's resolver by default. */
  readonly resolve?: Resolve
  /** Certificates to trust instead of the public ones, in PEM. */
  readonly ca?: string
}

/**
 * A connector for undici. Node connects to what the lookup answers, and asks once for each connection: between the look at
 * an address and the connection to it there is no second answer of the DNS. A connection that is used again stays with the
 * address it has.
 */
export function guardedConnector(protocol: string, options: ConnectorOptions): buildConnector.connector {
  const { guard, timeoutMs, resolve = resolveBySystem, ca } = options
  const connect = buildConnector({
    // One request at a time for each connection, so that nobody's slowness is another's.
    allowH2: false,
    timeout: timeoutMs,
    // Said outright, because the environment could turn it off otherwise.
    rejectUnauthorized: true,
    lookup: guardedLookup({ guard, protocol, resolve }),
    ...(ca === undefined ? {} : { ca }),
  })
  return (target, callback) =>
    connect(target, (...[error, socket]) => {
      if (error === null) callback(null, socket)
      else callback(failureOf(error, protocol), null)
    })
}

function guardedLookup({
  guard,
  protocol,
  resolve,
}: {
  guard: AddressGuard
  protocol: string
  resolve: Resolve
}): LookupFunction {
  return (hostname, { all }, callback) => {
    const answer = permittedAddresses(hostname, { guard, protocol, resolve })
    answer.then(
      ([first, ...others]) =>
        all ? callback(null, [first, ...others]) : callback(null, first.address, first.family),
      (error) => callback(error, []),
    )
  }
}

/** @throws EndpointFailure that names no address: what a private resolver answers is none of the caller's business */
async function permittedAddresses(
  hostname: string,
  { guard, protocol, resolve }: { guard: AddressGuard; protocol: string; resolve: Resolve },
): Promise<[Address, ...Address[]]> {
  const [first, ...others] = await resolve(hostname).catch((error: unknown) => {
    throw new EndpointFailure("dns", `${hostname} cannot be looked up`, error)
  })
  if (first === undefined) throw new EndpointFailure("dns", `${hostname} has no address`)
  // One that is refused spoils the rest: no honest name has both, and Node would choose among them.
  if (![first, ...others].every(({ address }) => guard.permits(address, protocol))) {
    throw new EndpointFailure("refused_address", `${hostname} does not lead to a public address`)
  }
  return [first, ...others]
}

function failureOf(error: Error & { code?: string; syscall?: string }, protocol: string): EndpointFailure {
  if (error instanceof EndpointFailure) return error
  const { code, syscall } = error
  const message = error.message || code || error.name
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT")
    return new EndpointFailure("timeout", message, error)
  // Without one, it came from several addresses that were tried in turn, or after the connection was there.
  const beforeTls = syscall === "connect" || error instanceof AggregateError
  return new EndpointFailure(beforeTls || protocol === "http:" ? "connect" : "tls", message, error)
}

async function resolveBySystem(hostname: string): Promise<readonly Address[]> {
  return await lookup(hostname, { all: true })
}
