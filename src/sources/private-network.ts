import { BlockList, isIP, isIPv6 } from 'node:net'

/** Addresses of a network of one's own, in which a company's API may stand when the policy says so. */
const OWN = blockList([
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
])

/** Addresses at which no API of anybody stands: this host, link-local (where clouds keep their secrets), examples, multicast, reserved. */
const NEVER = blockList([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])

/** Addresses in which an IPv4 address stands: mapped, compatible, NAT64, 6to4, Teredo. The lists would read some as what they wrap, others not. */
const WRAPPED = blockList([
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
])
const LOOPBACK_IPV6 = blockList([['::1', 128]])

const PUBLIC_IPV6 = blockList([['2000::', 3]])

/**
 * Why nothing may be sent to this address, or undefined when it may: public addresses, and with `own` those of private networks and of this
 * machine. Anything in which another address is wrapped (mapped, 6to4, NAT64, Teredo) is refused, as is what is no address at all.
 */
export function refusedAddress(address: string, own: boolean): string | undefined {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0) return 'it is no address'
  if (family === 'ipv6' && WRAPPED.check(address, family) && !LOOPBACK_IPV6.check(address, family))
    return 'another address is wrapped in it'
  if (OWN.check(address, family)) return own ? undefined : 'it is an address of a private network'
  if (NEVER.check(address, family)) return 'no API stands at such an address'
  return family === 'ipv4' || PUBLIC_IPV6.check(address, family) ? undefined : 'no API stands at such an address'
}

function blockList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4')
  return list
}
