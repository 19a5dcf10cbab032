// Both ways: whctl signs and the library judges, the library signs and whctl judges.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { libraries } from './libraries.mjs'

const folder = mkdtempSync(join(tmpdir(), 'fields-'))
const env = { ...process.env, HOME: folder, WHCTL_DATA_DIR: join(folder, 'data'), WHCTL_KEYRING: 'file', NO_COLOR: '1' }
const at = Math.floor(Date.now() / 1000)
let n = 0, failed = 0
const file = (text) => { const f = join(folder, `f${++n}`); writeFileSync(f, text, { mode: 0o600 }); return f }
const whctl = (...args) => spawnSync(process.env.WHCTL, args, { env, encoding: 'utf8' })
const params = (l) => Object.entries(l.params ?? {}).flatMap(([k, v]) => ['--param', `${k}=${v}`])
const lower = (headers) => Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]))
const lines = (headers) => Object.entries(headers ?? {}).flatMap(([k, v]) => ['-H', `${k}: ${v}`])
const check = (what, ok, more = '') => { if (!ok) { failed++; console.log(`FAILED ${what} ${more}`) } }

/** A value at a path such as a[0].b of an object. */
function set(object, path, value) {
  const steps = path.match(/[^.[\]]+/g)
  const last = steps.pop()
  let here = object
  for (const s of steps) here = here[s] ??= {}
  here[last] = value
}

function verdict(l, r, key) {
  return whctl('verify', file(r.body), '--scheme', l.scheme, '--secret-file', file(key), '--no-explain', ...(r.url ? ['--url', r.url] : []), ...params(l), ...lines(r.headers)).status
}

for (const l of libraries) {
  for (const [name, body] of Object.entries(l.bodies)) {
    const text = l.write ? l.write(body) : body
    const url = l.url?.[name], header = l.header?.[name] ?? {}, what = `${l.scheme}, ${name}:`
    const theirs = { url, ...l.sign(text, l.key.signing, at, { url, header }) }
    check(`${what} the library refuses its own`, await l.accepts({ ...theirs, headers: lower(theirs.headers) }, l.key.verifying))
    check(`${what} whctl refuses the library's`, verdict(l, theirs, l.key.verifying) === 0)
    check(`${what} whctl accepts it with another key`, verdict(l, theirs, l.other.verifying) === 3)

    const made = whctl('sign', file(text), '--scheme', l.scheme, '--secret-file', file(l.key.signing), '--timestamp', String(at), '--id', '69cd13f0', '-o', 'json',
      ...(url ? ['--to', url] : []), ...params(l), ...lines(header))
    check(`${what} whctl cannot sign`, made.status === 0, made.stderr)
    if (made.status !== 0) continue
    const signed = JSON.parse(made.stdout)
    const object = l.write ? JSON.parse(text) : null
    for (const [path, value] of Object.entries(signed.body ?? {})) set(object, path, value)
    const ours = { url, body: object ? l.write(object) : text, headers: { ...header, ...signed.headers } }
    check(`${what} the library refuses whctl's`, await l.accepts({ ...ours, headers: lower(ours.headers) }, l.key.verifying), made.stdout)
    check(`${what} the library accepts it with another key`, !await l.accepts({ ...ours, headers: lower(ours.headers) }, l.other.verifying))

    for (const r of [theirs, ours]) {
      const changed = l.spoilURL ? { ...r, url: l.spoilURL(r.url) } : { ...r, body: l.spoil(r.body) }
      check(`${what} the library accepts a change`, !await l.accepts({ ...changed, headers: lower(changed.headers) }, l.key.verifying))
      check(`${what} whctl accepts a change`, verdict(l, changed, l.key.verifying) === 3)
    }
  }
  console.log(`${l.scheme.padEnd(18)} ${l.library}: ${Object.keys(l.bodies).length} bodies both ways`)
}
if (failed) { console.log(`${failed} failed`); process.exit(1) }
