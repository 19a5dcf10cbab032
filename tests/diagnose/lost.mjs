// Bodies that were parsed and written again after they were signed, so that nothing can match any more. Prints JSON lines; see
// generate. "finding" is the only finding, which is not certain, or empty; "next" is in what to do next.
import crypto from 'node:crypto'
import { execFileSync } from 'node:child_process'

const KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'
const TS = '1750000000'

function out(id, finding, next, signed, body) {
  const headers = { 'X-Timestamp': TS, 'X-Signature': crypto.createHmac('sha256', KEY).update(TS + '.' + signed).digest('hex') }
  console.log(JSON.stringify({
    id: 'lost/' + id, scheme: 'baanx', key: KEY, now: 1750000003, headers, finding, next, body_base64: Buffer.from(body).toString('base64'),
  }))
}
const again = (text) => JSON.stringify(JSON.parse(text))
const python = (code, text) => execFileSync('python3', ['-c', 'import json, sys\n' + code, text], { encoding: 'utf8' })

const node = 'it is exactly as JSON.stringify (Node.js) writes JSON'
const plain = 'check that the body is the raw bytes'
const money = '{"id":"evt_1","amount":10.5000,"rate":1.0,"share":2.5,"note":"Zoë a/b"}'
out('node', '', node, money, again(money))
out('node-integer', '', node, '{"n":1.0,"m":2.50,"k":1e2}', again('{"n":1.0,"m":2.50,"k":1e2}'))
const big = '{"id":1234567890123456789,"type":"card.activated"}'
out('node-rounded', 'body.numbers.rounded', node, big, again(big))
const ids = '{"ids":[12345678901234567890,-9876543210987654321],"to":18446744073709551615}'
out('node-rounded-many', 'body.numbers.rounded', node, ids, again(ids))
out('python', '', 'it is exactly as json.dumps (Python) writes JSON', money, python('print(json.dumps(json.loads(sys.argv[1])), end="")', money))
// What PHP 8.2 prints for json_encode(json_decode($text)), and System.Text.Json and Jackson for a number read as a double.
out('php', '', 'it is exactly as json_encode (PHP) writes JSON', money, String.raw`{"id":"evt_1","amount":10.5,"rate":1,"share":2.5,"note":"Zo\u00eb a\/b"}`)
out('dotnet', '', 'it is exactly as System.Text.Json (.NET) writes JSON', money, String.raw`{"id":"evt_1","amount":10.5,"rate":1,"share":2.5,"note":"Zo\u00EB a/b"}`)
out('jackson', '', "it is exactly as Jackson's pretty printer (Java) writes JSON", money, '{\n  "id" : "evt_1",\n  "amount" : 10.5,\n  "rate" : 1.0,\n  "share" : 2.5,\n  "note" : "Zoë a/b"\n}')
// Texts that Laravel's TrimStrings made shorter are lost: what PHP wrote is seen, and that is said.
out('laravel-trimmed', '', 'blanks at the ends of texts, which Laravel trims, cannot be tried', '{"name":"Jo ","url":"https://a.example/"}', String.raw`{"name":"Jo","url":"https:\/\/a.example\/"}`)
// Nothing of these speaks of a parser: no number, numbers of another form, amounts that are round, ids that are whole, no JSON.
out('no-number', '', plain, '{"a":"b","a":"c"}', again('{"a":"b","a":"c"}'))
out('own-form', '', plain, 'x', '{ "a":10.50 }')
out('round-amount', '', node, 'x', '{"wei":1500000000000000000}')
out('whole-ids', '', 'check that the key', 'x', '{"ids":[1234567890123456700,1234567890123456789]}')
out('no-json', '', plain, 'x', 'a=1&b=10.5')
