// Bodies that Node.js made of what is no text, and requests of PayPal and HubSpot. Prints JSON lines; see generate. "certain" says whether
// a signature matched.
import crypto from 'node:crypto'
import zlib from 'node:zlib'

const KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'
const NOW = 1750000003

function out(id, expect, certain, more) {
  console.log(JSON.stringify({ id: 'node-kinds/' + id, by: 'node', expect, certain, now: NOW, method: 'POST', url: '', key: KEY, scheme: 'github', ...more }))
}
const hmac = (text) => crypto.createHmac('sha256', KEY).update(text)
const github = (signed, body, more) => ({
  headers: { 'X-Hub-Signature-256': 'sha256=' + hmac(signed).digest('hex'), ...more }, body_base64: Buffer.from(body).toString('base64'),
})

// A Buffer in a template, in JSON, and an object where text is wanted.
for (const [n, text] of ['{"event":"x","n":1}', '{"name":"Zoë 😀"}\n'].entries()) {
  out('buffer-' + n, 'body.buffer', true, github(text, JSON.stringify(Buffer.from(text))))
  out('object-' + n, 'body.stand_in', false, github(text, String(JSON.parse(text))))
}
out('promise', 'body.stand_in', false, github('{"a":1}', String(Promise.resolve())))
out('undefined', 'body.stand_in', false, github('{"a":1}', String(undefined)))
// Ids of 18 digits, as Shopify has them.
for (const [n, text] of ['{"id":820982911946154508,"note":"a\\/b"}', '{"order":{"id":450789469123456789},"x":"\\/"}'].entries()) {
  out('rounded-' + n, 'body.numbers.rounded', false, github(text, JSON.stringify(JSON.parse(text))))
}
// A form whose escapes were undone.
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
for (const [n, text] of ['text=94070+%26+caf%C3%A9&user=Steve', 'a=x%20y&b=1%262'].entries()) {
  out('decoded-' + n, 'body.form.decoded', false, github(text, decodeURIComponent(text.replaceAll('+', ' ')), form))
}
// Other methods than GET and POST.
for (const method of ['DELETE', 'PUT']) {
  const url = 'https://app.example.com/crm?userId=42'
  out('method-' + method, 'text.method', true, {
    scheme: 'hubspot.v3', method: 'GET', url, body_base64: '',
    headers: { 'X-HubSpot-Request-Timestamp': NOW + '000', 'X-HubSpot-Signature-v3': hmac(method + url + NOW + '000').digest('base64') },
  })
}
// The verification token of Slack, which stands in each body, taken for the signing secret.
for (const [n, token] of ['gIkuvaNzQIHg97ATvDxqgjtO', 'Jhj5dZrVaK7ZwHHjRyZWjbDl'].entries()) {
  out('token-in-body-' + n, 'key.api_token', false, { ...github('x', JSON.stringify({ token, type: 'event_callback' })), key: token })
}
// PayPal's RSA signatures have 256 bytes; the longest keys make 512.
const CRC = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0 })
const crc32 = zlib.crc32 ?? ((b) => (b.reduce((c, x) => CRC[(c ^ x) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0)
for (const bits of [2048, 4096]) {
  const pair = crypto.generateKeyPairSync('rsa', { modulusLength: bits })
  const text = '{\n  "id": "WH-1",\n  "event_type": "PAYMENT.SALE.COMPLETED"\n}'
  const time = '2025-06-15T15:06:40Z'
  const signature = crypto.sign('sha256', Buffer.from(['tid-1', time, '8PT597110X687430L', crc32(Buffer.from(text))].join('|')), pair.privateKey).toString('base64')
  const headers = { 'PAYPAL-TRANSMISSION-ID': 'tid-1', 'PAYPAL-TRANSMISSION-TIME': time, 'PAYPAL-AUTH-ALGO': 'SHA256withRSA', 'PAYPAL-TRANSMISSION-SIG': signature }
  out('paypal-' + bits, 'body.reserialised.indent2', true, {
    scheme: 'paypal', key: pair.publicKey.export({ type: 'spki', format: 'pem' }), params: { webhook_id: '8PT597110X687430L' },
    headers, body_base64: Buffer.from(JSON.stringify(JSON.parse(text))).toString('base64'),
  })
}
