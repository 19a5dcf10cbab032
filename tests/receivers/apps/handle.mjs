// What every receiver in JavaScript does with a request: verify, parse, handle, and say which status to answer.
import { faulty, verifiers } from './verify.mjs'

const [scheme, fault = 'right'] = process.argv.slice(2)
export { fault, scheme }

const key = process.env.RECEIVER_KEY
const verify = faulty[fault] ?? verifiers[scheme]

/** The status for a request whose raw body is body. What it throws is a bug, which the framework answers with 500. */
export async function handle(body, headers) {
  if (fault === 'throws-on-length') {
    try {
      await verify(body, headers, key)
    } catch (e) {
      if (e instanceof RangeError) throw e
      return 401
    }
  } else {
    try {
      await verify(body, headers, key)
    } catch {
      return 401
    }
  }
  if (fault === 'throws-on-json') {
    take(JSON.parse(body))
    return 200
  }
  let event
  try {
    event = JSON.parse(body)
  } catch {
    // Slack's commands and Twilio's events come as forms.
    return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? 200 : 400
  }
  if (event === null || typeof event !== 'object') return 400
  take(event)
  return 200
}

/** The text of an answer: Slack asks whether the URL is yours, and wants its challenge back once the question is verified. */
export function text(status, body) {
  if (status !== 200 || scheme !== 'slack') return ''
  try {
    const event = JSON.parse(body)
    return event?.type === 'url_verification' ? String(event.challenge) : ''
  } catch {
    return '' // a form
  }
}

const seen = new Set()

/** Handles an event once. One without a type is none that we know, and is left alone. */
function take(event) {
  seen.add(`${event.type ?? event.event ?? ''} ${event.id ?? event.eventId ?? ''}`)
}

/** Says where the receiver listens, as the first and only line. */
export function ready(server) {
  console.log(`http://127.0.0.1:${server.address().port}/hooks`)
}
