// Mistakes as Node.js makes them. Prints JSON lines; see generate.
import crypto from 'node:crypto'
import zlib from 'node:zlib'

const KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'
const TS = '1750000000'
const data = { event_id: '51d2e8b6', event_type: 'card.activated', note: 'Zoë – 10 € a/b <x> & y', n: [1, 2.5], empty: {}, list: [], ok: true, none: null }
const raw = JSON.stringify(data)

const mac = (key, alg = 'sha256', enc = 'hex') => (...parts) => {
  const h = crypto.createHmac(alg, key)
  for (const p of parts) h.update(p)
  return h.digest(enc)
}
const hash = (alg = 'sha256', enc = 'hex') => (...parts) => {
  const h = crypto.createHash(alg)
  for (const p of parts) h.update(p)
  return h.digest(enc)
}

function out(id, expect, o) {
  const c = {
    id: 'node/' + id, by: 'node', expect, scheme: 'baanx', key: KEY, now: 1750000003, method: 'POST', url: '', ...o,
    body_base64: Buffer.from(o.body ?? raw).toString('base64'),
  }
  delete c.body
  console.log(JSON.stringify(c))
}
const baanx = (sig, ts = TS, more = {}) => ({ 'X-Timestamp': ts, 'X-Signature': sig, 'Content-Type': 'application/json', ...more })
const signed = (text) => baanx(mac(KEY)(TS + '.', text))

// The body written again.
out('compact', 'body.reserialised.compact', { headers: signed(raw), body: JSON.stringify(data, null, 2) })
out('compact-from-4', 'body.reserialised.compact', { headers: signed(raw), body: JSON.stringify(data, null, 4) })
out('indent2', 'body.reserialised.indent2', { headers: signed(JSON.stringify(data, null, 2)) })
out('indent4', 'body.reserialised.indent4', { headers: signed(JSON.stringify(data, null, 4)) })
out('tab', 'body.reserialised.tab', { headers: signed(JSON.stringify(data, null, '\t')) })
out('numbers', 'body.reserialised.compact.numbers', { headers: signed(JSON.stringify(JSON.parse('{"a":1.50,"b":1e3,"c":1.0,"d":12345678901234567890}'))), body: '{"a":1.50,"b":1e3,"c":1.0,"d":12345678901234567890}' })
out('numbers-spaced', 'body.reserialised.compact.numbers', { headers: signed('{"a":1.5,"b":-0.000001,"c":1e-7,"d":1e+21}'), body: '{ "a": 1.50, "b": -0.0000010, "c": 0.0000001, "d": 1000000000000000000000 }' })
const sorted = JSON.stringify(Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))))
out('sorted', 'body.reserialised.compact.sorted', { headers: signed(sorted) })
out('unescaped', 'body.reserialised.', { headers: signed('{"a":"é/"}'), body: '{"a":"\\u00e9\\/"}' })
out('object-object', 'body.lost.object_object', { headers: signed(`${data}`) })
out('undefined', 'body.lost.undefined', { headers: signed(`${JSON.stringify(undefined)}`) })
out('empty-object', 'body.lost.empty_object', { headers: signed(JSON.stringify({})) })
out('empty', 'body.lost.empty', { headers: signed('') })
out('buffer-json', 'body.buffer_json.signed', { headers: signed(JSON.stringify(Buffer.from(raw))) })
out('json-twice', 'body.json_string', { headers: signed(raw), body: JSON.stringify(raw) })
out('json-twice-signed', 'body.json_string.signed', { headers: signed(JSON.stringify(raw)) })

// Ends, line ends, marks, character sets, codings.
out('newline-lost', 'body.newline.lost', { headers: signed(raw + '\n') })
out('crlf-lost', 'body.newline.lost.crlf', { headers: signed(raw + '\r\n') })
out('newline-added', 'body.newline.added', { headers: signed(raw), body: raw + '\n' })
out('crlf-added', 'body.newline.added', { headers: signed(raw), body: raw + '\r\n' })
const lines = 'a=1\nb=2\nc=3\n'
out('crlf', 'body.line_ends.crlf', { headers: signed(lines.replaceAll('\n', '\r\n')), body: lines })
out('lf', 'body.line_ends.lf', { headers: signed(lines), body: lines.replaceAll('\n', '\r\n') })
out('bom-lost', 'body.bom.lost', { headers: signed('\ufeff' + raw) })
out('bom-added', 'body.bom.added', { headers: signed(raw), body: '\ufeff' + raw })
out('trimmed', 'body.trimmed', { headers: signed(raw), body: '  ' + raw + ' \n ' })
out('utf8-twice', 'body.charset.double', { headers: signed('{"a":"Zoë ü"}'), body: Buffer.from(Buffer.from('{"a":"Zoë ü"}').toString('latin1')) })
out('latin1', 'body.charset.latin1', { headers: signed('{"a":"Zoë ü"}'), body: Buffer.from('{"a":"Zoë ü"}', 'latin1') })
out('to-latin1', 'body.charset.double', { headers: baanx(mac(KEY)(TS + '.', Buffer.from('{"a":"Zoë ü"}', 'latin1'))), body: '{"a":"Zoë ü"}' })
out('gzip', 'body.coding.gzip', { headers: signed(raw), body: zlib.gzipSync(raw) })
out('deflate', 'body.coding.deflate', { headers: signed(raw), body: zlib.deflateSync(raw) })
out('deflate-raw', 'body.coding.deflate.raw', { headers: signed(raw), body: zlib.deflateRawSync(raw) })
const bytes = Buffer.from(raw)
out('chunked', 'body.coding.chunked', { headers: signed(raw), body: Buffer.concat([Buffer.from('10\r\n'), bytes.subarray(0, 16), Buffer.from('\r\n' + (bytes.length - 16).toString(16) + '\r\n'), bytes.subarray(16), Buffer.from('\r\n0\r\n\r\n')]) })
out('base64-body', 'body.coding.base64', { headers: signed(raw), body: bytes.toString('base64') })
out('base64-signed', 'body.coding.base64.signed', { headers: signed(bytes.toString('base64')) })

// Forms.
const form = new URLSearchParams({ payload: raw }).toString()
const hub = (text) => ({ 'X-Hub-Signature-256': 'sha256=' + mac(KEY)(text), 'X-GitHub-Event': 'push' })
out('form-field', 'body.form.field', { scheme: 'github', headers: hub(raw), body: form })
out('form-decoded', 'body.form.decoded', { scheme: 'github', headers: hub(form), body: raw })
out('form-encoded', 'body.form.encoded', { scheme: 'github', headers: hub('a=b c&d=é'), body: 'a=b+c&d=%C3%A9' })
out('form-reencoded', 'body.form.decoded', { scheme: 'github', headers: hub('a=b+c&d=%C3%A9'), body: 'a=b c&d=é' })

// The digest.
out('base64', 'digest.encoding.base64', { headers: baanx(mac(KEY, 'sha256', 'base64')(TS + '.', raw)) })
out('base64url', 'digest.encoding.base64url', { headers: baanx(crypto.createHmac('sha256', KEY + '1').update(TS + '.').update(raw).digest('base64url')), key: KEY + '1' })
out('hex-for-base64', 'digest.encoding.hex', { scheme: 'shopify', headers: { 'X-Shopify-Hmac-Sha256': mac(KEY)(raw) } })
out('base64-of-hex', 'digest.encoding.base64_of_hex', { scheme: 'shopify', headers: { 'X-Shopify-Hmac-Sha256': Buffer.from(mac(KEY)(raw)).toString('base64') } })
out('prefix-added', 'digest.prefix', { headers: baanx('sha256=' + mac(KEY)(TS + '.', raw)) })
out('prefix-missing', 'digest.prefix', { scheme: 'github', headers: { 'X-Hub-Signature-256': mac(KEY)(raw) } })
out('version-label', 'digest.prefix', { scheme: 'slack', headers: { 'X-Slack-Signature': 'v1=' + mac(KEY)(`v0:${TS}:`, raw), 'X-Slack-Request-Timestamp': TS } })
out('truncated', 'digest.truncated', { headers: baanx(mac(KEY)(TS + '.', raw).slice(0, 40)) })
out('sha1', 'digest.algorithm.hmac-sha1', { headers: baanx(mac(KEY, 'sha1')(TS + '.', raw)) })
out('sha512', 'digest.algorithm.hmac-sha512', { headers: baanx(mac(KEY, 'sha512')(TS + '.', raw)) })
out('plain', 'digest.plain', { headers: baanx(hash()(TS + '.', raw)) })
out('key-first', 'digest.plain.key_first', { headers: baanx(hash()(KEY, TS + '.', raw)) })
out('key-last', 'digest.plain.key_last', { headers: baanx(hash()(TS + '.', raw, KEY)) })
out('swapped', 'digest.swapped', { headers: baanx(mac(TS + '.' + raw)(KEY)) })
out('hash-first', 'digest.double.hash', { headers: baanx(mac(KEY)(crypto.createHash('sha256').update(TS + '.' + raw).digest())) })
out('hash-first-hex', 'digest.double.hex', { headers: baanx(mac(KEY)(hash()(TS + '.' + raw))) })
out('hash-last', 'digest.double.hmac', { headers: baanx(hash()(crypto.createHmac('sha256', KEY).update(TS + '.' + raw).digest())) })
out('other-header', 'signature.other_header', { headers: { 'X-Timestamp': TS, 'X-My-Signature': mac(KEY)(TS + '.', raw) } })

// What is signed besides the body.
out('no-time', 'text.without_timestamp', { headers: baanx(mac(KEY)(raw)) })
out('colon', 'text.separator', { headers: baanx(mac(KEY)(TS + ':', raw)) })
out('no-separator', 'text.separator', { headers: baanx(mac(KEY)(TS, raw)) })
out('order', 'text.order', { headers: baanx(mac(KEY)(raw, '.' + TS)) })
out('milliseconds', 'text.unit.milliseconds', { headers: baanx(mac(KEY)(TS + '000.', raw)) })
out('seconds', 'text.unit.seconds', { scheme: 'webflow', headers: { 'x-webflow-timestamp': TS + '000', 'x-webflow-signature': mac(KEY)(TS + ':', raw) } })
out('other-time', 'text.timestamp.other', { headers: baanx(mac(KEY)('1749999990.', raw), TS, { 'X-Sent-At': '1749999990' }) })
out('iso-time', 'text.unit.', { headers: baanx(mac(KEY)(new Date(1750000000000).toISOString() + '.', raw)) })
out('with-time', 'text.with_timestamp', { scheme: 'github', headers: { 'X-Hub-Signature-256': 'sha256=' + mac(KEY)(TS + '.', raw), 'X-Timestamp': TS } })
const std = Buffer.from('0123456789abcdefghijklmn')
const hook = (text, more = {}, key = std) => ({ 'webhook-id': 'msg_1', 'webhook-timestamp': TS, 'webhook-signature': 'v1,' + mac(key, 'sha256', 'base64')(text), ...more })
const STD = 'whsec_' + std.toString('base64')
out('no-id', 'text.without_id', { scheme: 'standard-webhooks', key: STD, headers: hook(`${TS}.${raw}`) })
out('id-order', 'text.order', { scheme: 'standard-webhooks', key: STD, headers: hook(`${TS}.msg_1.${raw}`) })
out('other-id', 'text.id.other', { scheme: 'standard-webhooks', key: STD, headers: hook(`req_9.${TS}.${raw}`, { 'X-Request-Id': 'req_9' }) })
const URL1 = 'https://hooks.example.test/in?x=1'
const square = (url) => ({ 'x-square-hmacsha256-signature': mac(KEY, 'sha256', 'base64')(url, raw) })
for (const [id, url, expect] of [
  ['https', 'http://hooks.example.test/in?x=1', 'text.url.http'], ['port', 'https://hooks.example.test:443/in?x=1', 'text.url.port'],
  ['query', 'https://hooks.example.test/in', 'text.url.query'], ['slash', 'https://hooks.example.test/in/?x=1', 'text.url.slash'],
  ['path', '/in?x=1', 'text.url.path'], ['no-url', '', 'text.url.empty'],
]) out('url-' + id, expect, { scheme: 'square', url: URL1, headers: square(url) })
out('url-proxy', 'text.url.https', { scheme: 'square', url: 'http://hooks.example.test/in?x=1', headers: square(URL1) })
out('url-host', 'text.url.host', { scheme: 'square', url: 'http://10.0.0.5:8080/in?x=1', headers: { ...square(URL1), 'X-Forwarded-Host': 'hooks.example.test' } })
out('method-case', 'text.method', { scheme: 'hubspot.v3', url: URL1, headers: { 'X-HubSpot-Request-Timestamp': TS + '000', 'X-HubSpot-Signature-v3': mac(KEY, 'sha256', 'base64')('post', URL1, raw, TS + '000') } })

// The key.
out('key-newline', 'key.newline', { headers: baanx(mac(KEY + '\n')(TS + '.', raw)) })
out('key-blanks', 'key.whitespace', { key: ' ' + KEY + '\n', headers: signed(raw) })
out('key-quotes', 'key.quotes', { key: '"' + KEY + '"', headers: signed(raw) })
out('key-quoted', 'key.quoted', { headers: baanx(mac('"' + KEY + '"')(TS + '.', raw)) })
out('key-env', 'key.assignment', { key: 'WEBHOOK_SECRET=' + KEY, headers: signed(raw) })
out('key-bearer', 'key.bearer', { key: 'Bearer ' + KEY, headers: signed(raw) })
out('key-prefix', 'key.prefix', { headers: baanx(mac(KEY.slice(4))(TS + '.', raw)) })
out('key-base64', 'key.base64', { key: 'c2VjcmV0LWtleS0xMjM0NTY=', headers: baanx(mac(Buffer.from('c2VjcmV0LWtleS0xMjM0NTY=', 'base64'))(TS + '.', raw)) })
out('key-hex', 'key.hex', { key: '00112233445566778899aabbccddeeff', headers: baanx(mac(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))(TS + '.', raw)) })
out('key-text', 'key.text', { scheme: 'standard-webhooks', key: STD, headers: hook(`msg_1.${TS}.${raw}`, {}, STD) })
out('key-text-stripped', 'key.text.stripped', { scheme: 'standard-webhooks', key: STD, headers: hook(`msg_1.${TS}.${raw}`, {}, STD.slice(6)) })
out('key-whsec-decoded', 'key.base64', { scheme: 'stripe', key: STD, headers: { 'Stripe-Signature': `t=${TS},v1=` + mac(std)(`${TS}.${raw}`) } })
out('key-url', 'key.url_decoded', { key: encodeURIComponent('a+b/c=d e'), headers: baanx(mac('a+b/c=d e')(TS + '.', raw)) })
out('key-url-encoded', 'key.url_encoded', { key: 'a+b/c=d', headers: baanx(mac(encodeURIComponent('a+b/c=d'))(TS + '.', raw)) })
out('key-escapes', 'key.escapes', { key: KEY + '\\n', headers: signed(raw) })
out('key-case', 'key.case', { headers: baanx(mac(KEY.toUpperCase())(TS + '.', raw)) })
out('key-other', 'key.other', { other_keys: ['whk_another', 'whk_previous'], headers: baanx(mac('whk_previous')(TS + '.', raw)) })

// Another scheme.
out('scheme-stripe', 'scheme.stripe', { headers: { 'Stripe-Signature': `t=${TS},v1=` + mac(KEY)(`${TS}.${raw}`) } })
out('scheme-kyc', 'scheme.kyc.body', { scheme: 'kyc', headers: { 'X-Webhook-ID': 'evt_1', 'X-Webhook-Timestamp': TS, 'X-Webhook-Signature': 'sha256=' + mac(KEY)(raw) } })
out('scheme-raw-secret', 'scheme.openai.raw-secret', { scheme: 'openai', key: 'whsec_' + std.toString('base64'), headers: hook(`msg_1.${TS}.${raw}`, {}, STD) })
out('scheme-sha1', 'scheme.github.sha1', { scheme: 'github', headers: { 'X-Hub-Signature': 'sha1=' + mac(KEY, 'sha1')(raw), 'X-GitHub-Event': 'push' } })

// Two mistakes at once.
out('two/compact-newline', 'body.reserialised.compact+body.newline.lost', { headers: signed(raw + '\n'), body: JSON.stringify(data, null, 2) })
out('two/compact-no-time', 'body.reserialised.compact+text.without_timestamp', { headers: baanx(mac(KEY)(raw)), body: JSON.stringify(data, null, 2) })
out('two/key-newline-no-time', 'key.newline+text.without_timestamp', { headers: baanx(mac(KEY + '\n')(raw)) })
out('two/compact-key-prefix', 'body.reserialised.compact+key.prefix', { headers: baanx(mac(KEY.slice(4))(TS + '.', raw)), body: JSON.stringify(data, null, 2) })
out('two/compact-sha1', 'body.reserialised.compact+digest.algorithm.hmac-sha1', { headers: baanx(mac(KEY, 'sha1')(TS + '.', raw)), body: JSON.stringify(data, null, 2) })
out('two/compact-base64', 'body.reserialised.compact+digest.encoding.base64', { headers: baanx(mac(KEY, 'sha256', 'base64')(TS + '.', raw)), body: JSON.stringify(data, null, 2) })
out('two/colon-base64', 'text.separator+digest.encoding.base64', { headers: baanx(mac(KEY, 'sha256', 'base64')(TS + ':', raw)) })
out('two/key-hex-sha512', 'key.hex+digest.algorithm.hmac-sha512', { key: '00112233445566778899aabbccddeeff', headers: baanx(mac(Buffer.from('00112233445566778899aabbccddeeff', 'hex'), 'sha512')(TS + '.', raw)) })
out('two/no-time-sha512', 'text.without_timestamp+digest.algorithm.hmac-sha512', { headers: baanx(mac(KEY, 'sha512')(raw)) })
out('two/object-no-time', 'body.lost.object_object+text.without_timestamp', { headers: baanx(mac(KEY)(`${data}`)) })
out('two/newline-other-key', 'body.newline.lost+key.other', { other_keys: ['whk_previous'], headers: baanx(mac('whk_previous')(TS + '.', raw + '\n')) })
