import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openHttpSource } from '../../src/sources/http/open.ts'
import { refusedAddress } from '../../src/sources/private-network.ts'
import { SourceError, type DataSource, type Selection } from '../../src/sources/source.ts'
import { API_SECRET, startApi } from '../support/api-server.ts'
import { onClose } from '../support/database.ts'
import { opening } from './contract.ts'
import { policyOf } from './policy.ts'

function sourceAt(url: string, { own = false, lookup }: { own?: boolean; lookup?: LookupFunction } = {}): DataSource {
  const policy = policyOf({
    identifiers: { customer: { label: 'Number' } },
    sources: { vendor: { kind: 'http', label: 'Vendor', http: { base_url: 'https://vendor.example', private_network: own } } },
    collections: {
      grants: {
        source: 'vendor',
        label: 'Grants',
        key: 'id',
        category: 'tools',
        opened_by: [{ identifier: 'customer', columns: 'owner' }],
        fields: { id: {}, owner: {} },
        http: { find: { path: '/rows?owner={identifier}' } },
      },
    },
  })
  const declaration = policy.sources.get('vendor')
  if (declaration === undefined) throw new Error('no source')
  const source = openHttpSource(declaration, policy, { url, secret: API_SECRET, lookup, wait: async () => undefined })
  onClose('source', () => source.close())
  return source
}

const ofAda: Selection = { collection: 'grants', openings: [opening('customer', 'owner', ['7'])], side: 'ours' }

async function saying(source: DataSource): Promise<string> {
  const result: unknown = await source.count(ofAda).catch((error: unknown) => error)
  if (result instanceof SourceError) return result.message
  return `counted ${String(result)}`
}

/** A name server that answers with one address after the other. */
function namesOf(...addresses: readonly string[]): LookupFunction & { readonly asked: () => number } {
  let asked = 0
  const lookup: LookupFunction = (_, __, done) => {
    const address = addresses[Math.min(asked++, addresses.length - 1)] ?? ''
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }])
  }
  return Object.assign(lookup, { asked: () => asked })
}

describe('addresses to which nothing is sent', () => {
  it.each([
    ['127.0.0.1', 'own'],
    ['10.1.2.3', 'own'],
    ['172.31.255.255', 'own'],
    ['192.168.1.1', 'own'],
    ['100.64.0.1', 'own'],
    ['::1', 'own'],
    ['fd00::1', 'own'],
    ['::ffff:127.0.0.1', 'never'],
    ['::ffff:10.0.0.1', 'never'],
    ['::ffff:a00:1', 'never'],
    ['0:0:0:0:0:FFFF:192.168.0.1', 'never'],
    ['::ffff:8.8.8.8', 'never'],
    ['::ffff:0:10.0.0.1', 'never'],
    ['64:ff9b:1::a00:1', 'never'],
    ['2002:a00:1::', 'never'],
    ['::10.0.0.1', 'never'],
    ['169.254.169.254', 'never'],
    ['0.0.0.0', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['::', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['ff02::1', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['2002:7f00:1::', 'never'],
    ['2001::1', 'never'],
    ['::127.0.0.1', 'never'],
    ['vendor.example', 'never'],
    ['', 'never'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
  ])('%s: %s', (address, kind) => {
    const allowed = [refusedAddress(address, false), refusedAddress(address, true)].map((why) => why === undefined)
    expect(allowed).toEqual({ own: [false, true], never: [false, false], public: [true, true] }[kind])
  })
})

describe('the outgoing guard', () => {
  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', 'localhost'])('refuses %s', async (host) => {
    const api = await startApi([{ id: 1, owner: 7 }])
    const url = api.url.replace('127.0.0.1', host)
    expect(await saying(sourceAt(url))).toBe('vendor.grants: nothing was sent: it is an address of a private network')
    expect(api.calls).toEqual([])
  })

  it('refuses an address that is wrapped in another, whatever the policy says of its own network', async () => {
    const api = await startApi([{ id: 1, owner: 7 }])
    const url = api.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')
    for (const own of [false, true])
      expect(await saying(sourceAt(url, { own }))).toBe('vendor.grants: nothing was sent: another address is wrapped in it')
    expect(api.calls).toEqual([])
  })

  it('lets a policy name an API of its own network, and even then no link-local address', async () => {
    const api = await startApi([{ id: 1, owner: 7 }])
    expect(await saying(sourceAt(api.url, { own: true }))).toBe('counted 1')
    expect(await saying(sourceAt('http://169.254.169.254/latest', { own: true }))).toBe(
      'vendor.grants: nothing was sent: no API stands at such an address',
    )
  })

  it('goes by the address that is connected, when a name means another one from call to call', async () => {
    const api = await startApi([{ id: 1, owner: 7 }])
    const names = namesOf('169.254.169.254', '127.0.0.1', '::ffff:169.254.169.254')
    const source = sourceAt(api.url.replace('127.0.0.1', 'vendor.example'), { own: true, lookup: names })
    expect(await saying(source)).toContain('nothing was sent')
    expect(await saying(source)).toBe('counted 1')
    await source.close()
    expect(await saying(source)).toContain('nothing was sent')
    expect([names.asked(), api.calls.length]).toEqual([3, 1])
    expect(api.calls[0]?.headers.host).toContain('vendor.example')
  })

  it('sends nothing to a server whose certificate nobody has signed', async () => {
    const heard: string[] = []
    const server = createServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
      heard.push(String(request.url))
      response.end('{"data": []}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onClose('server', async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    const source = sourceAt(`https://localhost:${(server.address() as AddressInfo).port}`, { own: true })
    expect(await saying(source)).toBe('vendor.grants: its certificate is not valid (DEPTH_ZERO_SELF_SIGNED_CERT)')
    expect(heard).toEqual([])
  })
})

// Made for this test; it signs nothing but itself.
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUdqYjOeeL0AgS+1+J7U2165kEqyEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDIyMjIzNFoYDzIxMjYxMDI3
MjIyMjM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASkoVo4HfzodpbEqTzYy7h/hYx3EdGdC4Tk7/8kCeSnWLasq8wbdypg
hN33tZiwCkIcvq10o2FrrvQILxocZ4tZo28wbTAdBgNVHQ4EFgQU7odZB+CAjQrI
qcu/WakxQpnmoPowHwYDVR0jBBgwFoAU7odZB+CAjQrIqcu/WakxQpnmoPowDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgd7uZ8WQn8pxOkmmdwnwm48fhuZZFyugNzezwKi2K8zsCIQCE
Er6DviAjPLJCEp+Q0U8fk6VwXEF3rOECFZjV4K11Uw==
-----END CERTIFICATE-----`

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghiavEO7Mo6BLlC80
qhmRCdobtHTtz1x/6+ksLiOt7sqhRANCAASkoVo4HfzodpbEqTzYy7h/hYx3EdGd
C4Tk7/8kCeSnWLasq8wbdypghN33tZiwCkIcvq10o2FrrvQILxocZ4tZ
-----END PRIVATE KEY-----`
