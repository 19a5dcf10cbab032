// The program under test, run as a user runs it.
import { spawnSync } from 'node:child_process'
import { bin, env, home } from './env.mjs'
import { NOW } from './setup.mjs'

function run(args, { stdin = '', key = '' } = {}) {
  const done = spawnSync(bin, args, { input: stdin, env: { ...env, WHCTL_SECRET: key }, cwd: home, maxBuffer: 1 << 26 })
  if (done.error) throw done.error
  return { code: done.status, out: done.stdout.toString(), err: done.stderr.toString() }
}

function json(args, options, ...codes) {
  const done = run(args, options)
  if (!codes.includes(done.code)) throw new Error(`whctl ${args.join(' ')} ended with ${done.code}: ${done.err}${done.out}`)
  return JSON.parse(done.out)
}

/** The scheme as whctl has it. */
export const scheme = (name) => json(['schemes', 'show', name, '-o', 'json'], {}, 0)

const setting = (params = {}) => Object.entries(params).flatMap(([k, v]) => ['--param', `${k}=${v}`])
const lines = (headers = {}) => Object.entries(headers).flatMap(([k, v]) => ['-H', `${k}: ${v}`])

// What was signed once is not signed again: most questions begin with the same request.
const known = new Map()

/**
 * Signs a request { body, url, method, headers } and returns it with the headers to send (names in lower case), and with
 * the body and URL as they have to be sent.
 */
export function sign(name, request, { key, at = NOW, id, params } = {}) {
  const { body, url = '', method = 'POST', headers = {} } = request
  const args = ['sign', '-', '--scheme', name, '--format', 'json', '--timestamp', String(at), '--method', method, ...setting(params), ...lines(headers)]
  if (url) args.push('--to', url)
  if (id) args.push('--id', id)
  const question = JSON.stringify([args, key, body.toString('base64')])
  if (!known.has(question)) known.set(question, json(args, { stdin: body, key }, 0))
  const signed = known.get(question)
  const sent = { ...request, body: members(body, signed.body), url: signed.url ?? url, method, headers: { ...headers } }
  for (const [k, v] of Object.entries(signed.headers)) sent.headers[k.toLowerCase()] = v
  return sent
}

/** A body with members set that the signature stands in; the same bytes when there are none. */
function members(body, set) {
  if (!set) return body
  const value = JSON.parse(body)
  for (const [where, text] of Object.entries(set)) {
    const names = where.split('.')
    names.slice(0, -1).reduce((o, k) => o[k], value)[names.at(-1)] = text
  }
  return Buffer.from(JSON.stringify(value))
}

/** What whctl says of a request: { ok, reason, findings }. */
export function verify(name, request, { key, at = NOW, params, explain = false } = {}) {
  const { body, url = '', method = 'POST', headers = {} } = request
  const args = ['verify', '-', '--scheme', name, '-o', 'json', '--at', String(at), '--method', method, ...setting(params), ...lines(headers)]
  if (url) args.push('--url', url)
  if (!explain) args.push('--no-explain')
  const { verdict, findings } = json(args, { stdin: body, key }, 0, 3)
  return { ...verdict, findings }
}
