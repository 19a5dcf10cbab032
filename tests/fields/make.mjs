// Writes internal/sign/testdata/vectors-fields.json to standard output: what the libraries sign and accept, and what they refuse. By hand;
// its output is committed.
import { createHash, createHmac, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { libraries, rsa } from './libraries.mjs'

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

// RSA over the body, or over a text with its hash, as the pages have it.
function signed(scheme, hash, header, source, content = (body) => body, more = {}) {
  const pair = rsa('signer.example')
  const body = '{"event_type":"transfers#state-change","data":{"note":"Zoë – 10 €","amount":1.50}}'
  const signature = (pair) => sign(hash, Buffer.from(content(body)), pair.signing).toString('base64')
  const one = (id, request, expect) => page(scheme, id, source, pair.verifying, { signing_key: pair.signing, ...more, ...request, headers: { ...more.headers, ...request.headers } }, expect)
  one('body', { body, headers: { [header]: signature(pair) } }, 'valid')
  one('body-changed', { body: `${body} `, headers: { [header]: signature(pair) } }, 'invalid')
  one('another-key', { body, headers: { [header]: signature(rsa('signer.example')) } }, 'invalid')
}
signed('wise', 'sha256', 'X-Signature-SHA256', 'https://docs.wise.com/guides/developer/webhooks/event-handling, signed by Node')
signed('fireblocks', 'sha512', 'Fireblocks-Signature', 'https://developers.fireblocks.com/reference/validating-webhooks, signed by Node')
signed('dyte', 'sha256', 'dyte-signature', 'https://docs.dyte.io/guides/capabilities/webhooks/signatures, signed by Node')
signed('cryptapi', 'sha256', 'x-ca-signature', 'https://docs.cryptapi.io/webhooks/verify-webhook-signature, signed by Node')
const url = 'https://api.yourapp.com/webhooks?x=1'
signed('manus', 'sha256', 'X-Webhook-Signature', 'https://open.manus.ai/docs/webhooks/security, signed by Node',
  (body) => `${at}.${url}.${createHash('sha256').update(body).digest('hex')}`, { url, headers: { 'X-Webhook-Timestamp': String(at) } })

console.log(JSON.stringify(out, null, 1))
