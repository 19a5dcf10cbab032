// Writes the verifiers of every scheme in every language, and the cases that they must judge, to a folder.
import { execFile } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const [work] = process.argv.slice(2)
const languages = (process.env.LANGUAGES ?? 'node python go php ruby java').split(' ')
const testdata = '../../internal/sign/testdata'
const hint = /^hint: .+/m

const run = promisify(execFile)
const whctl = (...args) => run(process.env.WHCTL, args, { maxBuffer: 64 << 20 })

// Own schemes have what no provider has: texts that are hard to quote in one language or another, and rare fields.
fs.writeFileSync(path.join(work, 'own.yaml'), fs.readFileSync('own.yaml'))
process.env.WHCTL_CONFIG = path.join(work, 'own.yaml')

let schemes = JSON.parse((await whctl('schemes', 'list', '-o', 'json')).stdout).map((one) => one.name)
if (process.env.SCHEMES) schemes = process.env.SCHEMES.split(' ')

// code gives the verifiers of a scheme by their languages; null where whctl writes none, which it must say with a hint.
async function code(scheme) {
  const out = {}
  for (const language of languages) {
    try {
      out[language] = JSON.parse((await whctl('schemes', 'show', scheme, '--code', language, '-o', 'json')).stdout)
    } catch (e) {
      if (e.code !== 2 || !hint.test(e.stderr)) throw e
      return null
    }
  }
  return out
}

const listed = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]))

// ours are the cases of schemes vectors: each has the verdict that is right.
async function ours(scheme) {
  const v = JSON.parse((await whctl('schemes', 'vectors', scheme, '-o', 'json')).stdout)
  return v.vectors.map(({ id, request, ok }) => ({
    id: `vectors/${id}`, keys: [v.key], params: v.params ?? {}, now: v.unix, url: request.url, method: request.method,
    headers: listed(request.headers), body: request.body === undefined ? request.bodyBase64 : Buffer.from(request.body).toString('base64'), want: ok,
  }))
}

// bare is the public key of a certificate: code takes what the provider gives out.
const bare = (key) => (key.includes('BEGIN CERTIFICATE') ? new crypto.X509Certificate(key).publicKey.export({ type: 'spki', format: 'pem' }) : key)

// theirs are the cases that others made. Those where their makers disagree are left out, and those with another window. How strictly a
// language reads base64 is up to it, so keys that whctl refuses are left out too, save the empty one. The code reads no multipart bodies: it
// says so, and refuses them.
const theirs = {}
for (const file of ['signatures', 'vectors-elsewhere', 'providers', 'vectors-fields']) {
  for (const v of JSON.parse(fs.readFileSync(path.join(testdata, `${file}.json`)))) {
    if (v.tier === 'policy' || v.choice !== undefined || v.tolerance !== undefined || (v.reason === 'secret' && v.secret)) continue
    const multipart = /^multipart\//.test(v.headers['Content-Type'] ?? '')
    ;(theirs[v.scheme] ??= []).push({
      id: v.id, keys: (v.secrets ?? [v.secret ?? '']).map(bare), params: v.params ?? {}, now: v.now ?? 1_800_000_000, url: v.url ?? '', method: v.method ?? '',
      headers: listed(v.headers), body: v.body_base64 ?? Buffer.from(v.body ?? '').toString('base64'), want: v.expect === 'valid' && !multipart, badKey: v.reason === 'secret',
    })
  }
}

// Fields that somebody added to what was signed: the same number written in another way, and a second value of a name.
const added = (scheme, id, want, more) => (theirs[scheme] ??= []).push({ id: `added/${id}`, keys: ['key'], params: {}, now: 1_800_000_000, method: 'POST', want, ...more })
const hmac = (hash, text, encoding) => crypto.createHmac(hash, 'key').update(text).digest(encoding)
for (const [body, want] of [['a=10', true], ['a=10&a=10', true], ['a=10&a=1e1', false], ['a=10&a=10.0', false], ['a=10&a=%00', false]]) {
  const url = 'https://example.com/sms'
  const headers = { 'X-Twilio-Signature': [hmac('sha1', `${url}a10`, 'base64')] }
  added('twilio', body, want, { url, headers, body: Buffer.from(body).toString('base64') })
}
for (const [query, want] of [['data.id=1', true], ['data.id=1&data.id=2', false], ['data.id=2&data.id=1', false]]) {
  const headers = { 'x-signature': [`ts=1800000000,v1=${hmac('sha256', 'id:1;ts:1800000000;', 'hex')}`] }
  added('mercadopago', query, want, { url: `https://example.com/?${query}`, headers, body: '' })
}
for (const [body, want] of [['timestamp=1800000000&token=t&signature=SIG', true], ['timestamp=1800000000&token=t&token=u&signature=SIG', false]]) {
  const signed = body.replace('SIG', hmac('sha256', '1800000000t', 'hex'))
  added('mailgun', body, want, { url: '', headers: {}, body: Buffer.from(signed).toString('base64') })
}

// A body that its Content-Type calls a multipart form has other fields for a program than for the verifier.
const [fields, parts] = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']
for (const [types, want] of [[[fields], true], [[parts], false], [['Multipart/Mixed; boundary=x'], false], [[fields, parts], false], [[`${fields}, ${parts}`], false]]) {
  const body = `timestamp=1800000000&token=t&signature=${hmac('sha256', '1800000000t', 'hex')}&x=\r\n--x\r\n`
  added('mailgun', types.join(' and '), want, { url: '', headers: { 'Content-Type': types }, body: Buffer.from(body).toString('base64') })
}

// A member that may be absent comes in by its name in another case: only on the way to it, and only for a name that programs take for its own.
const order = '"order":{"id":"1"}'
for (const [more, want] of [
  ['', true], [',"customer":{}', true], [',"customer":null', true], [',"customer":[{"Token":"2"}]', true], [',"other":{"Token":"2","Customer":{"token":"2"}}', true],
  [',"Token":"2"', true], [',"customer":{"x":{"TOKEN":"2"}}', true],
  [',"customer":{"Token":"2"}', false], [',"Customer":{"token":"2"}', false], [',"CUSTOMER":7', false], [',"customer":{"to\u212aen":"2"}', false],
  [',"customer":{"\\u0054oken":"2"}', false], [',"cu\u017ftomer":{"token":"2"}', false],
]) {
  added('own.optional', more, want, { url: '', headers: { 'X-Own': [hmac('sha256', '1.', 'hex')] }, body: Buffer.from(`{${order}${more}}`).toString('base64') })
}

// What somebody who saw a signed request makes of it, and a program might read otherwise than the verifier: a member that is signed once more,
// in its own case or another or written with escapes, bytes behind the JSON, and a second line of the header that a server joined to the first.
const signed = { 'adyen.payments': 'eventCode', mailgun: 'token', midtrans: 'order_id', 'own.ids': 'id' }
const lists = { stripe: 'Stripe-Signature', persona: 'Persona-Signature' }
function forged(scheme, cases) {
  const name = signed[scheme]
  const out = []
  const change = (one, id, more) => out.push({ ...one, ...more, id: `forged/${id}`, want: false })
  for (const one of cases.filter((one) => one.want)) {
    const body = Buffer.from(one.body, 'base64').toString()
    const member = name && body.match(new RegExp(`"${name}"\\s*:\\s*("[^"]*"|[0-9]+)`))?.[0]
    if (member) {
      const escaped = `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`
      for (const other of [name, name.toLowerCase(), name.toUpperCase(), escaped, name.replace('k', '\u212a')]) {
        const twice = [`${member},"${other}":"forged"`, `"${other}":"forged",${member}`, `${member},"x":[{"}":"\\"{"}],"${other}":{}`]
        twice.forEach((text, i) => change(one, `${other}/${i}`, { body: Buffer.from(body.replace(member, () => text)).toString('base64') }))
      }
      for (const more of ['{}', 'x', '//']) change(one, `behind ${more}`, { body: Buffer.from(body + more).toString('base64') })
    }
    const value = one.headers[lists[scheme]]?.[0]
    for (const mark of value ? [',', ', '] : []) {
      change(one, `joined${mark}`, { headers: { ...one.headers, [lists[scheme]]: [value + mark + value.replace(/[0-9a-f]{64}/g, '00')] } })
    }
  }
  if ((name || lists[scheme]) && out.length === 0) throw new Error(`${scheme} has no request to forge`)
  return out
}

const written = []
const none = []
for (const scheme of schemes) {
  const verifiers = await code(scheme)
  if (!verifiers) {
    none.push(scheme)
    continue
  }
  const files = {}
  for (const [language, one] of Object.entries(verifiers)) {
    fs.mkdirSync(path.join(work, language), { recursive: true })
    files[language] = path.join(work, language, one.file)
    fs.writeFileSync(files[language], one.code)
  }
  const cases = [...(await ours(scheme)), ...(theirs[scheme] ?? [])]
  written.push({ scheme, files, cases: [...cases, ...forged(scheme, cases)] })
}
fs.writeFileSync(path.join(work, 'cases.json'), JSON.stringify(written))
const count = (list) => list.flatMap((one) => one.cases).length
console.log(`${written.length} schemes have code in ${languages.length} languages, ${none.length} have none and say what to do: ${none.join(', ')}`)
console.log(`${count(written)} cases: ${written.flatMap((one) => one.cases).filter((one) => one.want).length} are valid`)
if (written.some((one) => one.scheme === 'own.no-code')) throw new Error('own.no-code has code')
if (!process.env.SCHEMES && (written.length < 165 || count(written) < 6000)) throw new Error('there are fewer than there should be')
