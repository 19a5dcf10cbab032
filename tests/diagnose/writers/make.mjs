// Bodies that are not what was sent but hold it, and numbers as JavaScript leaves them. Prints JSON lines; see generate.
import crypto from 'node:crypto'
import util from 'node:util'

const KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'

function out(id, expect, signed, body) {
  console.log(JSON.stringify({
    id: 'node-writers/' + id, by: 'node', expect, scheme: 'github', key: KEY, now: 1750000003, method: 'POST', url: '',
    headers: { 'X-Hub-Signature-256': 'sha256=' + crypto.createHmac('sha256', KEY).update(signed).digest('hex') },
    body_base64: Buffer.from(body).toString('base64'),
  }))
}
const again = (text) => JSON.stringify(JSON.parse(text))
const raw = '{"application_id":"108","type":1,"note":"a \\"b\\" / Zoë"}'

out('inside-string', 'body.json_string.inside', raw, JSON.stringify(raw).slice(1, -1))
out('inside-string-indented', 'body.json_string.inside', JSON.stringify(JSON.parse(raw), null, 2), JSON.stringify(JSON.stringify(JSON.parse(raw), null, 2)).slice(1, -1))
out('inside-string-array', 'body.json_string.inside', '[{"a":"b"}]', JSON.stringify('[{"a":"b"}]').slice(1, -1))
out('inspect', 'body.literal', '{"id":"evt_1","n":1,"tags":["a"]}', util.inspect({ id: 'evt_1', n: 1, tags: ['a'] }))
out('inspect-undefined', 'body.literal', '{"id":"it\'s","none":null}', util.inspect({ id: "it's", none: null }))

out('after-another', 'body.json.surrounded', raw, raw + '\n' + raw)
out('after-null', 'body.json.surrounded', raw, raw + 'null')
out('after-padding', 'body.json.surrounded', raw, Buffer.concat([Buffer.from(raw), Buffer.alloc(20)]))
out('after-log', 'body.json.surrounded', raw, 'received body: ' + raw + ' (58 bytes)')

for (const [n, text] of ['{"score":0.0,"n":1}', '{"a":1.0,"b":[2.0,3],"id":4}', '{"items":[{"p":1.0,"n":1},{"p":2.0,"n":1}],"t":3}', '{"v":[1,2.0,3]}'].entries()) {
  out('zero-lost-' + n, 'body.number.zero_lost', text, again(text))
}
out('zero-lost-python', 'body.number.zero_lost', '{"score": 0.0, "n": 1}', '{"score":0,"n":1}')
for (const [n, text] of ['{"n":1e3,"id":7}', '{"n":2.5E+6,"id":7}', '{"n":[1,1E2,2],"id":7}'].entries()) {
  out('exponent-lost-' + n, 'body.number.exponent', text, again(text))
}
out('null-received', 'body.null.lost', '{"a":null,"b":"x"}', '{"a":"","b":"x"}')
out('null-received-of-some', 'body.null.lost', '{"a":null,"b":"","c":null}', '{"a":"","b":"","c":""}')
