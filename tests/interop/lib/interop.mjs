// The questions that every library is asked, in both directions. A library is described by an object:
//
//   library    its name on npm              scheme   the name in whctl's catalogue    note   what is special, if anything
//   key, other two keys, text or { sign, verify, own } where they are not the same; own is what signs() is given
//   accepts    (request, key) → true; false or an error is a refusal. request: { body, text, headers, url, method }
//   signs      (request, key, at, id) → headers, by the library's own signer. Without it, what the library computes
//              in order to compare is watched and used
//   window     how old and how new a message the library takes, in seconds: { old, new }; absent: it looks at no time
//   bodies     name → text or function of the time; tampered: bodies to refuse, given one that was signed
//   url, method, id, headers, params: of the request
//   rotation   [first, second]: whether the library finds its key's signature in either place of a list of two
//   upperHex   whether the library takes a digest in upper case; whctl does
//   rereads    the library parses the body and writes it again before it verifies
//   further    what this library is asked besides: [{ name, request: (signed, side) → request, library, whctl }], the last
//              two say who accepts it
//   quirk      what the catalogue says of the differences, as regular expressions
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, test } from 'node:test'
import { NOW } from './setup.mjs'
import { computed } from './spy.mjs'
import { scheme as show, sign, verify } from './whctl.mjs'

const DAYS = 10 * 86400

/** Bodies in which a parser that is in the way leaves its mark. */
export const BODIES = {
  compact: '{"id":"evt_1","type":"thing.happened","event":{"type":"a","id":"b"},"note":"Zoë – 10 €","amount":10.5}',
  spaced: '{\n  "id": "evt_1",\n  "amount": 10.50,\n  "list": [ 1, 2 ]\n}\n',
  escaped: '{"id":"evt_1","url":"https:\\/\\/a.example\\/","name":"Zo\\u00eb","html":"<b>&amp;</b>"}',
  'with CRLF': '[\r\n{"id":"evt_1","emoji":"\u{1F600}"}\r\n]\r\n',
}

/** The version of a package that is installed, or of Node.js. */
export function version(name) {
  if (name.startsWith('node:')) return process.versions.node
  return JSON.parse(fs.readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url))).version.replace(/^v/, '')
}

const pair = (key) => (typeof key === 'string' ? { sign: key, verify: key } : key)

/** One library, and the questions. */
class Side {
  constructor(description) {
    Object.assign(this, { bodies: BODIES, method: 'POST', url: '', headers: {}, rotation: [true, true], upperHex: false, further: [], quirk: [] }, description)
    this.spec = show(this.scheme)
    this.keys = [pair(this.key), pair(this.other)]
    this.covers = (part) => (this.spec.content ?? '').includes(`{${part}}`)
    this.signatureHeaders = [this.spec.signature.header ?? []].flat().map((name) => name.toLowerCase())
    this.timeHeaders = [this.spec.timestamp?.header ?? []].flat().map((name) => name.toLowerCase())
  }

  request(name = Object.keys(this.bodies)[0], at = NOW) {
    const body = this.bodies[name]
    return { body: Buffer.from(typeof body === 'function' ? body(at) : body), url: this.url, method: this.method, headers: this.headers }
  }

  /** A request signed by whctl. */
  signed({ body, at = NOW, key = 0 } = {}) {
    return sign(this.scheme, this.request(body, at), { key: this.keys[key].sign, at, id: this.id, params: this.params })
  }

  /** A request with the signatures of both keys in one header, as providers send while a key is rotated. */
  signedTwice() {
    const { separator } = this.spec.signature
    const [name] = this.signatureHeaders
    const [first, second] = [0, 1].map((key) => this.signed({ key }))
    return { ...first, headers: { ...first.headers, [name]: first.headers[name] + separator + second.headers[name].split(separator).at(-1) } }
  }

  /** Whether the library takes a request; an error is why not. */
  async judge(request, key = 0) {
    try {
      const answer = await this.accepts({ ...request, text: request.body.toString() }, this.keys[key].verify)
      return { ok: answer === true, why: `it returned ${JSON.stringify(answer)}` }
    } catch (error) {
      return { ok: false, why: error?.stack ?? String(error) }
    }
  }

  whctl(request, key = 0) {
    return verify(this.scheme, request, { key: this.keys[key].verify, params: this.params })
  }

  async isAccepted(request, key = 0) {
    const library = await this.judge(request, key)
    assert.ok(library.ok, `${this.library} refuses: ${library.why}`)
    assert.equal(this.whctl(request, key).reason, 'valid')
  }

  async isRefused(request, reason, key = 0) {
    const whctl = this.whctl(request, key)
    assert.equal(whctl.reason, reason)
    assert.equal(whctl.ok, false)
    assert.ok(!(await this.judge(request, key)).ok, `${this.library} accepts it`)
  }

  /** A request signed by the library: by its signer, or with what it computes when it is shown a wrong signature. */
  async bySide(name) {
    const request = this.request(name)
    if (this.signs) {
      const { url, body, ...headers } = await this.signs({ ...request, text: request.body.toString() }, this.keys[0].own ?? this.keys[0].sign, NOW, this.id)
      return { ...request, body: body ?? request.body, url: url ?? request.url, headers: { ...request.headers, ...headers } }
    }
    const forged = this.signed({ body: name, key: 1 })
    const digests = await computed(() => this.judge(forged))
    assert.ok(digests.length > 0, `${this.library} computed nothing`)
    return this.resign(forged, () => digests[0].toString(this.spec.signature.encoding === 'base64' ? 'base64' : 'hex'))
  }

  /** Another text in the place of the signature. */
  resign(request, change) {
    const digest = this.spec.signature.encoding?.startsWith('base64') ? /[A-Za-z0-9+/_-]{27,}={0,2}/ : /[0-9a-f]{40,128}/
    if (this.spec.signature.json) return { ...request, body: Buffer.from(request.body.toString().replace(/[0-9a-f]{64}/, change)) }
    const headers = { ...request.headers }
    for (const name of this.signatureHeaders) if (headers[name]) headers[name] = headers[name].replace(digest, change)
    return { ...request, headers }
  }
}

/** Asks a library everything. */
export function interop(description) {
  const side = new Side(description)
  describe(`${side.library} ${version(side.library)} · ${side.scheme}${side.note ? `, ${side.note}` : ''}`, () => {
    const differences = [...bothWays(side), ...refusals(side), ...window(side), ...lists(side), ...further(side)]
    test(differences.length ? 'the catalogue tells of the differences' : 'there is no difference for the catalogue to tell of', () => {
      assert.equal(side.quirk.length > 0, differences.length > 0, `differences: ${differences.join(', ') || 'none'}; quirk: ${side.quirk}`)
      for (const words of side.quirk) assert.match(side.spec.quirks, words)
    })
  })
}

function bothWays(side) {
  for (const name of Object.keys(side.bodies)) {
    test(`accepts what whctl signs: ${name}`, async () => {
      const request = side.signed({ body: name })
      await side.isAccepted(request)
    })
    test(`${side.signs ? 'signs' : 'computes'} what whctl accepts: ${name}`, async () => {
      await side.isAccepted(await side.bySide(name))
    })
  }
  return []
}

function tampered(side) {
  if (side.tampered) return side.tampered
  const first = Object.keys(side.bodies)[0]
  const list = [{ name: 'one character of the body', body: first, change: (text) => text.replace('evt_1', 'evt_2') }]
  const rest = [{ name: 'a line feed at the end', body: first, change: (text) => `${text}\n` }]
  if (side.bodies.spaced) rest.push({ name: 'the body written again', body: 'spaced', change: (text) => JSON.stringify(JSON.parse(text)) })
  return [...list, ...rest.map((one) => ({ ...one, rewritten: true }))]
}

function refusals(side) {
  const differences = []
  for (const { name, body, change, rewritten } of tampered(side)) {
    const differs = rewritten && side.rereads
    if (differs) differences.push(name)
    test(`${differs ? 'does not see, whctl does' : 'refused'}: ${name}`, async () => {
      const request = side.signed({ body })
      const text = change(request.body.toString())
      assert.notEqual(text, request.body.toString())
      const changed = { ...request, body: Buffer.from(text) }
      if (!differs) return side.isRefused(changed, 'mismatch')
      assert.equal(side.whctl(changed).reason, 'mismatch')
      assert.ok((await side.judge(changed)).ok)
    })
  }
  test('refused: another key', () => side.isRefused(side.signed(), 'mismatch', 1))
  test('refused: one character of the signature', async () => {
    const request = side.resign(side.signed(), (text) => (text[4] === '1' ? text.replace(/^(.{4})./, '$12') : text.replace(/^(.{4})./, '$11')))
    const whctl = side.whctl(request)
    assert.ok(['mismatch', 'malformed_signature'].includes(whctl.reason), whctl.reason)
    assert.ok(!(await side.judge(request)).ok, `${side.library} accepts it`)
  })
  if (side.signatureHeaders.length > 0) test('refused: no signature', () => side.isRefused(without(side.signed(), side.signatureHeaders), 'missing_signature'))
  if (side.covers('timestamp') && side.timeHeaders.length > 0) test('refused: no time', () => side.isRefused(without(side.signed(), side.timeHeaders), 'missing_timestamp'))
  if (side.covers('timestamp') && !side.spec.timestamp?.json) test('refused: another time', () => side.isRefused(earlier(side.signed()), 'mismatch'))
  if (side.spec.id) {
    const headers = [side.spec.id.header].flat().map((name) => name.toLowerCase())
    test('refused: no id', () => side.isRefused(without(side.signed(), headers), 'missing_id'))
    test('refused: another id', () => {
      const request = side.signed()
      request.headers[headers[0]] += 'x'
      return side.isRefused(request, 'mismatch')
    })
  }
  if (side.covers('url')) test('refused: another URL', () => side.isRefused({ ...side.signed(), url: side.url.replace('/in', '/out') }, 'mismatch'))
  if (side.covers('method')) test('refused: another method', () => side.isRefused({ ...side.signed(), method: 'PUT' }, 'mismatch'))
  return differences
}

function without(request, names) {
  const headers = { ...request.headers }
  for (const name of names) delete headers[name]
  return { ...request, headers }
}

/** The request with a time of one second before, wherever it stands. */
function earlier(request) {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, v.replace(String(NOW), String(NOW - 1)).replace('T12:00:00', 'T11:59:59').replace('12:00:00 GMT', '11:59:59 GMT')]))
  assert.notDeepEqual(headers, request.headers)
  return { ...request, headers }
}

/** Every edge of both windows, to the second. */
function window(side) {
  if (!side.spec.timestamp) return []
  const tolerance = side.spec.timestamp.tolerance === 'off' ? Infinity : side.spec.timestamp.tolerance
  const own = { old: tolerance, new: side.spec.timestamp.window === 'past' ? Infinity : tolerance }
  const its = side.window ?? { old: Infinity, new: Infinity }
  const ages = [DAYS, -DAYS]
  for (const edge of new Set([own.old, its.old])) if (edge < Infinity) ages.push(edge, edge + 1)
  for (const edge of new Set([own.new, its.new])) if (edge < Infinity) ages.push(-edge, -edge - 1)
  for (const age of ages) {
    test(`signed ${Math.abs(age)} s ${age < 0 ? 'ahead' : 'ago'}: ${inside(its, age) ? 'accepted' : 'refused'}`, async () => {
      const request = side.signed({ at: NOW - age })
      assert.equal(side.whctl(request).reason, inside(own, age) ? 'valid' : age > 0 ? 'too_old' : 'too_new')
      assert.equal((await side.judge(request)).ok, inside(its, age), `${side.library} at ${age} s`)
    })
  }
  return own.old === its.old && own.new === its.new ? [] : ['window']
}

const inside = (w, age) => (age >= 0 ? age <= w.old : -age <= w.new)

/** Headers that hold a list, and hex in upper case. */
function lists(side) {
  const { separator, sets, encoding = 'hex' } = side.spec.signature
  if (encoding === 'hex' && !side.spec.signature.json) {
    test(`a digest in upper case: whctl accepts, the library ${side.upperHex ? 'accepts' : 'refuses'}`, async () => {
      const request = side.resign(side.signed(), (text) => text.toUpperCase())
      assert.equal(side.whctl(request).reason, 'valid')
      assert.equal((await side.judge(request)).ok, side.upperHex)
    })
  }
  if (!separator || sets) return []
  for (const i of [0, 1]) {
    test(`signed with two keys, looked at with the ${['first', 'second'][i]}: ${side.rotation[i] ? 'accepted' : 'refused'}`, async () => {
      const request = side.signedTwice()
      assert.equal(side.whctl(request, i).reason, 'valid')
      assert.equal((await side.judge(request, i)).ok, side.rotation[i])
    })
  }
  return side.rotation.every(Boolean) ? [] : ['rotation']
}

/** What a description asks besides. */
function further(side) {
  for (const { name, request, library, whctl } of side.further) {
    test(`${library === whctl ? (whctl ? 'both accept' : 'both refuse') : whctl ? 'only whctl accepts' : 'only the library accepts'}: ${name}`, async () => {
      const changed = request(side.signed(), side)
      assert.equal(side.whctl(changed).ok, whctl, 'whctl')
      const answer = await side.judge(changed)
      assert.equal(answer.ok, library, `the library: ${answer.why}`)
    })
  }
  return side.further.filter(({ library, whctl }) => library !== whctl).map(({ name }) => name)
}
