// Real requests by whctl, straight and through its listener, to receivers that are right and wrong; and what whctl says of
// the wrong ones, whose mistake is always the same: the body was parsed and written again before it was verified.
import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, describe, test } from 'node:test'
import { home } from '../interop/lib/env.mjs'
import { listen, whctl } from '../interop/lib/live.mjs'
import { digest, frameworks, KEY } from './apps.mjs'

const data = { event_id: 'evt_1', event_type: 'card.activated', note: 'Zoë – 10 € <b>&</b>', url: 'https://app.example/in', amount: 10.5, list: [1, { a: null }] }
const text = JSON.stringify(data)
const escaped = (s) => s.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The same event as senders in other languages write it, and the finding that names the difference. */
const senders = {
  'Python, json.dumps': [
    '{"event_id": "evt_1", "event_type": "card.activated", "note": "Zo\\u00eb \\u2013 10 \\u20ac <b>&</b>", "url": "https://app.example/in", "amount": 10.5, "list": [1, {"a": null}]}',
    'body.reserialised.python.ascii',
  ],
  'PHP, json_encode': [escaped(text.replaceAll('/', '\\/')), 'body.reserialised.compact.php'],
  'Go, encoding/json': [text.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`), 'body.reserialised.compact.html'],
  'JavaScript, indented by two': [JSON.stringify(data, null, 2), 'body.reserialised.indent2'],
  'four blanks and a line feed': [`${JSON.stringify(data, null, 4)}\n`, 'body.reserialised.indent4+body.newline.lost'],
}

const post = (to, headers, body) => new Promise((resolve, reject) => {
  const own = ['x-timestamp', 'x-signature', 'content-type'].filter((name) => headers[name])
  http.request(`${to}/in`, { method: 'POST', headers: Object.fromEntries(own.map((name) => [name, headers[name]])) }, (res) => resolve(res.resume().statusCode))
    .once('error', reject).end(body)
})

async function send(to, body) {
  const { code, out, err } = await whctl(['send', '-', '--to', `${to}/in`, '-o', 'json'], { key: KEY, stdin: body })
  assert.ok(out, err)
  return { code, status: JSON.parse(out).status }
}

/** Holds a diagnosis against what it has to say: the first finding, sure. */
function names([first], id) {
  assert.equal(first?.id, id)
  assert.match(first.title, /re-serialised/)
  assert.equal(first.certain, true)
}

/** What an app saved may have been changed by it: there is the recipe for the framework. */
function cures(findings, id, framework) {
  names(findings, id)
  assert.match(findings[0].recipes.find((r) => r.framework === framework).code, frameworks[framework].recipe)
}

/** What came off the connection was changed before: that is said, and no recipe is shown. */
function blames(findings, id) {
  names(findings, id)
  assert.match(findings[0].title, /^the sender signed another text than it sent, or something between rewrote it: /)
  assert.equal(findings[0].recipes, undefined)
}

for (const [framework, { right, wrong }] of Object.entries(frameworks)) {
  describe(`${framework} · straight`, () => {
    let apps
    before(async () => { apps = { right: await right(), wrong: await wrong() } })
    after(() => Promise.all([apps.right.close(), apps.wrong.close()]))

    for (const [name, [body, id]] of Object.entries(senders)) {
      test(`${name}: the right app takes it`, async () => assert.deepEqual(await send(apps.right.url, body), { code: 0, status: 200 }))
      test(`${name}: the wrong app refuses it, and its log tells why`, async () => {
        assert.deepEqual(await send(apps.wrong.url, body), { code: 5, status: 401 })
        // What a person has then is what the app logged: the headers, and the body as it was verified.
        const { headers, body: seen } = apps.wrong.seen.at(-1)
        assert.notEqual(seen.toString(), body)
        const flags = ['x-timestamp', 'x-signature'].flatMap((k) => ['-H', `${k}: ${headers[k]}`])
        const json = await whctl(['verify', '-', ...flags, '--lang', 'node', '-o', 'json'], { key: KEY, stdin: seen })
        assert.equal(json.code, 3, json.err)
        cures(JSON.parse(json.out).findings, id, framework)
        const plain = await whctl(['verify', '-', ...flags, '--lang', 'node'], { key: KEY, stdin: seen })
        assert.match(plain.out, /^invalid: mismatch: .*\n {2}1\. .*body was re-serialised/)
        assert.match(plain.out, frameworks[framework].recipe)
        // The signature that the app worked out would make its wrong body a right one.
        assert.ok(!(json.out + plain.out).includes(digest(headers['x-timestamp'], seen)))
      })
    }
    test('what JSON.stringify would write as well both take: the mistake hides', async () => {
      for (const app of [apps.right, apps.wrong]) assert.deepEqual(await send(app.url, text), { code: 0, status: 200 })
    })
    test('a line feed at the end is enough', async () => {
      assert.equal((await send(apps.wrong.url, `${text}\n`)).status, 401)
      assert.equal((await send(apps.right.url, `${text}\n`)).status, 200)
    })
  })

  describe(`${framework} · through the listener`, () => {
    for (const [kind, start, status] of [['right', right, 200], ['wrong', wrong, 401]]) {
      test(`the ${kind} app's answer goes back: ${status}`, async () => {
        const app = await start()
        const listener = await listen(['--forward', app.url], { key: KEY })
        const body = senders['Python, json.dumps'][0]
        assert.deepEqual(await send(listener.url, body), { code: status === 200 ? 0 : 5, status })
        const attempt = await listener.line(({ type }) => type === 'attempt')
        assert.equal(attempt.status, status)
        const { verdict } = await listener.line(({ type }) => type === 'delivery')
        assert.equal(verdict.reason, 'valid', 'the request was right when it came')
        assert.equal(app.seen[0].body.toString() === body, kind === 'right')
        await listener.stop()
        await app.close()
      })
    }
  })

  describe(`${framework} · as a relay to the listener`, () => {
    const journal = `${home}/relay-${framework}`
    const why = async (id) => {
      const json = await whctl(['why', id, '-o', 'json'], { key: KEY, data: journal })
      const plain = await whctl(['why', id], { key: KEY, data: journal })
      assert.match(plain.out, /the receiving program cannot mend it/, plain.err)
      assert.doesNotMatch(plain.out, frameworks[framework].recipe)
      return JSON.parse(json.out).findings
    }
    let listener
    let arrived = 0
    before(async () => { listener = await listen([], { key: KEY, data: journal }) })
    after(() => listener.stop())

    /** Sends through a relay and returns the listener's delivery, and its diagnosis when there has to be one. */
    async function relayed(start, hand, body, status) {
      const number = arrived++
      const app = await start(hand)
      assert.equal((await send(app.url, body)).status, status)
      await app.close()
      const delivery = await listener.line(({ type }) => type === 'delivery', number)
      const diagnosis = status === 401 && await listener.line(({ type, deliveryId }) => type === 'diagnosis' && deliveryId === delivery.id)
      return { delivery, findings: diagnosis.findings }
    }

    test('the raw bytes handed on: valid', async () => {
      for (const [body] of Object.values(senders)) {
        const { delivery } = await relayed(right, (headers, seen) => post(listener.url, headers, seen), body, 200)
        assert.equal(delivery.verdict.reason, 'valid')
      }
    })
    for (const [name, [body, id]] of Object.entries(senders)) {
      test(`parsed and written again, signature as it came (${name}): the listener and why name it`, async () => {
        const { delivery, findings } = await relayed(wrong, (headers, seen) => post(listener.url, headers, seen), body, 401)
        assert.equal(delivery.verdict.reason, 'mismatch')
        blames(findings, id)
        blames(await why(delivery.id), id)
      })
    }
    test('the raw bytes handed on, with a signature over what was written again: the listener and why name it', async () => {
      const body = JSON.stringify(data, null, 2)
      const hand = (headers, seen) => {
        const time = headers['x-timestamp']
        return post(listener.url, { ...headers, 'x-signature': digest(time, JSON.stringify(JSON.parse(seen))) }, seen)
      }
      const { delivery, findings } = await relayed(right, hand, body, 401)
      blames(findings, 'body.reserialised.compact')
      blames(await why(delivery.id), 'body.reserialised.compact')
    })
  })
}
