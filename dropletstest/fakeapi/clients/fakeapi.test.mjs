// Tests of a client of the Droplets API against the fake at the URL in FAKEAPI_URL. They need Node.js 20 and no packages.

import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'

const base = process.env.FAKEAPI_URL
assert.ok(base, 'FAKEAPI_URL must be the URL of a running fakeapi')

// control calls the control API of the fake.
async function control(method, path, body) {
  const response = await fetch(`${base}/_fake/${path}`, { method, body: body && JSON.stringify(body) })
  const result = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${result.error}`)
  return result
}

// The client under test. It retries requests after a 503 and a 429, and waits for actions. The fake's clock stands still; the function
// wait advances it instead of waiting.
class Client {
  constructor(wait) {
    this.wait = wait
  }

  async send(method, path, body) {
    return fetch(`${base}/v2/${path}`, {
      method,
      headers: { Authorization: 'Bearer any', 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    })
  }

  async call(method, path, body) {
    for (let attempt = 1; ; attempt++) {
      const response = await this.send(method, path, body)
      const retryable = response.status === 503 || response.status === 429
      if (!retryable || attempt === 3) {
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`)
        return response.status === 204 ? undefined : response.json()
      }
      await this.wait(`${response.headers.get('Retry-After') ?? 1}s`)
    }
  }

  async waitForAction(id) {
    for (let poll = 1; poll <= 60; poll++) {
      const { action } = await this.call('GET', `actions/${id}`)
      if (action.status !== 'in-progress') return action.status
      await this.wait('10s')
    }
    throw new Error(`action ${id} is still in progress`)
  }
}

const request = { name: 'web-1', region: 'nyc3', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64' }
const client = new Client((advance) => control('POST', 'clock', { advance }))

beforeEach(() => control('POST', 'reset', { clock: 'manual@2030-01-02T03:04:05Z', action_duration: '55s' }))

test('a create is retried after a 503', async () => {
  await control('POST', 'faults', { operation: 'droplets_create', status: 503, headers: { 'Retry-After': '7' } })
  const { droplet } = await client.call('POST', 'droplets', request)
  const { requests } = await control('GET', 'requests?operation=droplets_create')
  assert.deepEqual(requests.map((r) => r.status), [503, 202])
  assert.deepEqual(requests.map((r) => JSON.parse(r.body).name), ['web-1', 'web-1'])
  assert.equal(Date.parse(requests[1].time) - Date.parse(requests[0].time), 7000)
  const { entries } = await control('GET', 'ledger')
  assert.deepEqual(entries.map((e) => [e.kind, e.droplet_id]), [['create', droplet.id]])
})

test('a create is not retried if its response is lost', async () => {
  await control('POST', 'faults', { operation: 'droplets_create', applied: true, break: 'response' })
  await assert.rejects(client.call('POST', 'droplets', request))
  const { entries } = await control('GET', 'ledger')
  assert.equal(entries.length, 1)
})

test('a Droplet becomes active when the clock is advanced', async () => {
  const { droplet, links } = await client.call('POST', 'droplets', request)
  assert.equal(droplet.status, 'new')
  assert.equal(await client.waitForAction(links.actions[0].id), 'completed')
  assert.equal((await client.call('GET', `droplets/${droplet.id}`)).droplet.status, 'active')
  assert.equal((await control('GET', 'clock')).now, '2030-01-02T03:05:05Z')
})

test('an action can fail', async () => {
  const { droplets } = await control('POST', 'seed', { droplets: [{ name: 'db-1', tags: ['db'] }] })
  await control('POST', 'fail-next-action', { type: 'reboot', nth: 2 })
  const results = []
  for (const type of ['reboot', 'power_cycle', 'reboot', 'reboot']) {
    const { action } = await client.call('POST', `droplets/${droplets[0].id}/actions`, { type })
    results.push(await client.waitForAction(action.id))
  }
  assert.deepEqual(results, ['completed', 'completed', 'errored', 'completed'])
})

test('a guest can ignore shutdowns', async () => {
  const { droplets } = await control('POST', 'seed', { count: 1 })
  const path = `droplets/${droplets[0].id}`
  await control('POST', 'ignore-shutdown', { droplet_ids: [droplets[0].id] })
  for (const [type, status] of [['shutdown', 'active'], ['power_off', 'off']]) {
    const { action } = await client.call('POST', `${path}/actions`, { type })
    assert.equal(await client.waitForAction(action.id), 'completed')
    assert.equal((await client.call('GET', path)).droplet.status, status)
  }
})

test('the client waits at the rate limit', async () => {
  await control('POST', 'reset', { clock: 'manual', rate_limit: '2' })
  for (let i = 0; i < 3; i++) await client.call('GET', 'account')
  const { requests } = await control('GET', 'requests')
  assert.deepEqual(requests.map((r) => r.status), [200, 200, 429, 200])
})

test('the state can be saved and restored', async () => {
  await client.call('POST', 'droplets', request)
  const saved = await control('GET', 'state')
  await control('POST', 'reset')
  assert.equal((await client.call('GET', 'droplets')).meta.total, 0)
  assert.equal((await control('PUT', 'state', saved)).droplets, 1)
  assert.equal((await client.call('GET', 'droplets')).droplets[0].name, 'web-1')
})

test('the control API reports invalid fields', async () => {
  await assert.rejects(control('POST', 'faults', { status: 42 }), /status must be between 200 and 599/)
  await assert.rejects(control('POST', 'clock', { advance: '-1s' }), /advance must not be negative/)
})
