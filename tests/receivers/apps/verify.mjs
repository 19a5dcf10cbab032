// How the receivers in JavaScript verify: with the provider's own library where there is one, else as the provider's page says.
// Each takes the raw bytes and the headers, and throws when the signature does not hold.
import crypto from 'node:crypto'
import { verify as verifyGitHub } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'

const WINDOW = 300 // seconds, as Baanx and Slack have it

const hmac = (key, ...parts) => parts.reduce((h, part) => h.update(part), crypto.createHmac('sha256', key)).digest('hex')

/** Texts of the same length are compared in constant time; crypto.timingSafeEqual throws on others. */
function same(a, b) {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && crypto.timingSafeEqual(x, y)
}

/** Whole seconds near now: Number() alone takes '', '1e3' and, as NaN, everything. */
function inTime(text) {
  return /^[0-9]{1,12}$/.test(text) && Math.abs(Date.now() / 1000 - Number(text)) < WINDOW + 1
}

function need(right) {
  if (!right) throw new Error('the signature does not hold')
}

export const verifiers = {
  baanx(body, headers, key) {
    const [time, signature] = [headers['x-timestamp'] ?? '', headers['x-signature'] ?? '']
    need(inTime(time) && same(hmac(key, `${time}.`, body), signature))
  },
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  slack(body, headers, key) {
    const [time, signature] = [headers['x-slack-request-timestamp'] ?? '', headers['x-slack-signature'] ?? '']
    need(inTime(time) && same(`v0=${hmac(key, `v0:${time}:`, body)}`, signature))
  },
  stripe(body, headers, key) {
    new Stripe('sk_test_not_a_key').webhooks.constructEvent(body, headers['stripe-signature'] ?? '', key)
  },
  async github(body, headers, key) {
    need(await verifyGitHub(key, body.toString(), headers['x-hub-signature-256'] ?? ''))
  },
  // As @line/bot-sdk has it: the signature is decoded, and Node ignores what comes after the padding.
  line(body, headers, key) {
    const [want, got] = [crypto.createHmac('sha256', key).update(body).digest(), Buffer.from(headers['x-line-signature'] ?? '', 'base64')]
    need(want.length === got.length && crypto.timingSafeEqual(want, got))
  },
  'standard-webhooks'(body, headers, key) {
    new Webhook(key).verify(body, headers)
  },
}

/** The faults that lie in the verifier. Each is for Baanx: the others' libraries do not let one make them. */
export const faulty = {
  // The time is signed, and nobody compares it with the clock.
  'no-clock'(body, headers, key) {
    need(same(hmac(key, `${headers['x-timestamp'] ?? ''}.`, body), headers['x-signature'] ?? ''))
  },
  // Lengths are not compared first, so timingSafeEqual throws a RangeError that nobody catches as a refusal.
  'throws-on-length'(body, headers, key) {
    const time = headers['x-timestamp'] ?? ''
    need(inTime(time))
    const [want, got] = [Buffer.from(hmac(key, `${time}.`, body), 'hex'), Buffer.from(headers['x-signature'] ?? '', 'hex')]
    if (!crypto.timingSafeEqual(want, got)) throw new Error('the signature does not hold')
  },
  // Node joins a header that comes twice; this takes the first of the two.
  'first-header'(body, headers, key) {
    const first = (name) => (headers[name] ?? '').split(',')[0].trim()
    verifiers.baanx(body, { 'x-timestamp': first('x-timestamp'), 'x-signature': first('x-signature') }, key)
  },
}
