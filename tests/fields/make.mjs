// Writes internal/sign/testdata/vectors-fields.json to standard output: what the libraries sign and accept, and what they refuse. By hand;
// its output is committed.
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { libraries } from './libraries.mjs'

const at = 1800000000 // the certificates count from the day on which they were made
const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version
const out = []
const lower = (headers) => Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]))

for (const l of libraries) {
  const source = l.library.split(' and ').map((n) => `${n} ${version(n)}`).join(', ')
  for (const [name, body] of Object.entries(l.bodies)) {
    const url = l.url?.[name], header = l.header?.[name] ?? {}
    const r = { url, ...l.sign(l.write ? l.write(body) : body, l.key.signing, at, { url, header }) }
    if (!await l.accepts({ ...r, headers: lower(r.headers) }, l.key.verifying)) throw new Error(`${l.scheme} ${name}`)
    const pem = l.key.signing !== l.key.verifying
    const one = (id, request, expect) => out.push({
      id: `fields/${l.scheme}/${id}`, scheme: l.scheme, source, secret: l.key.verifying, ...(pem && { signing_key: l.key.signing }), headers: request.headers ?? {},
      body: request.body, ...(request.url && { url: request.url }), ...(l.params && { params: l.params }), now: at + 5, expect, ...(expect === 'invalid' && { reason: 'signature' }),
    })
    one(name, r, 'valid')
    one(`${name}-changed`, l.spoilURL ? { ...r, url: l.spoilURL(url) } : { ...r, body: l.spoil(r.body) }, 'invalid')
  }
}

// Formulas of pages whose providers publish no verifier: the page's own words, in Node.
const page = (scheme, id, source, key, request, expect = 'valid') =>
  out.push({ id: `fields/${scheme}/${id}`, scheme, source, secret: key, headers: {}, ...request, now: at + 5, expect, ...(expect === 'invalid' && { reason: 'signature' }) })
const midtrans = (status, key) => {
  const m = { order_id: 'Postman-1578568851', status_code: status, gross_amount: '10000.00', transaction_status: 'settlement' }
  m.signature_key = createHash('sha512').update(m.order_id + m.status_code + m.gross_amount + key).digest('hex')
  return { body: JSON.stringify(m) }
}
const midtransPage = 'https://docs.midtrans.com/docs/https-notification-webhooks: SHA512(order_id+status_code+gross_amount+ServerKey)'
page('midtrans', 'settlement', midtransPage, 'VT-server-HJMpl9HLr_ntOKt5mRONdmKj', midtrans('200', 'VT-server-HJMpl9HLr_ntOKt5mRONdmKj'))
page('midtrans', 'another-status', midtransPage, 'VT-server-HJMpl9HLr_ntOKt5mRONdmKj', { body: midtrans('200', 'VT-server-HJMpl9HLr_ntOKt5mRONdmKj').body.replace('"200"', '"201"') }, 'invalid')
const mailgunPage = 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks: HMAC-SHA256 of timestamp and token'
const mailgun = (token, key) => {
  const signature = createHmac('sha256', key).update(at + token).digest('hex')
  return { body: `recipient=a%40example.com&subject=Hello+W%C3%B6rld&timestamp=${at}&token=${token}&signature=${signature}&body-plain=x%0D%0A` }
}
page('mailgun', 'form', mailgunPage, 'key-0123456789abcdef', mailgun('a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0', 'key-0123456789abcdef'))
page('mailgun', 'form-other-token', mailgunPage, 'key-0123456789abcdef', { body: mailgun('a8ce', 'key-0123456789abcdef').body.replace('token=a8ce', 'token=a8cf') }, 'invalid')

console.log(JSON.stringify(out, null, 1))
