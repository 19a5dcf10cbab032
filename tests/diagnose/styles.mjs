// The same body as other languages' JSON libraries write it: texts that those libraries printed, kept here word for word, so
// that no Java, .NET, PHP or Ruby is needed to make the cases again. Prints JSON lines; see generate.
import crypto from 'node:crypto'

const KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'
const TS = '1750000000'
const received = '{"id":"evt_1","note":"Zoë <b> & \'x\' = y/z + `1`","n":[1,2],"none":{},"list":[],"items":[{"id":1,"tags":[[],{}]},{"id":2}],"amount":12.50}'

function out(id, expect, signed, body = received) {
  const headers = { 'X-Timestamp': TS, 'X-Signature': crypto.createHmac('sha256', KEY).update(TS + '.' + signed).digest('hex') }
  console.log(JSON.stringify({
    id: 'style/' + id, by: 'node', expect, scheme: 'baanx', key: KEY, now: 1750000003, method: 'POST', url: '', headers,
    body_base64: Buffer.from(body).toString('base64'),
  }))
}
const crlf = (text) => text.replaceAll('\n', '\r\n')

// Jackson's DefaultPrettyPrinter: arrays stay on their line, and objects in them are indented as if they were not in one.
const jackson = String.raw`{
  "id" : "evt_1",
  "note" : "Zoë <b> & 'x' = y/z + ${'`'}1${'`'}",
  "n" : [ 1, 2 ],
  "none" : { },
  "list" : [ ],
  "items" : [ {
    "id" : 1,
    "tags" : [ [ ], { } ]
  }, {
    "id" : 2
  } ],
  "amount" : 12.50
}`
out('jackson', 'body.reserialised.jackson', jackson)
out('jackson-crlf', 'body.reserialised.jackson.crlf', crlf(jackson))
out('jackson-received', 'body.reserialised.compact', received, jackson)
out('jackson-crlf-received', 'body.reserialised.compact', received, crlf(jackson))
out('jackson-ascii', 'body.reserialised.compact.ascii.upper', received.replace('ë', String.raw`\u00EB`))

// Gson escapes what could be HTML, also = and '.
const gsonNote = String.raw`"Zoë \u003cb\u003e \u0026 \u0027x\u0027 \u003d y/z + ${'`'}1${'`'}"`
out('gson', 'body.reserialised.compact.gson', received.replace(/"Zoë[^"]*"/, () => gsonNote))
out('gson-received', 'body.reserialised.compact.unescaped', received, received.replace(/"Zoë[^"]*"/, () => gsonNote))
const indent2 = (note) => `{
  "id": "evt_1",
  "note": ${note},
  "n": [
    1,
    2
  ],
  "none": {},
  "list": [],
  "items": [
    {
      "id": 1,
      "tags": [
        [],
        {}
      ]
    },
    {
      "id": 2
    }
  ],
  "amount": 12.50
}`
out('gson-pretty', 'body.reserialised.indent2.gson', indent2(gsonNote))

// System.Text.Json escapes everything outside ASCII and more, with capital digits; Newtonsoft.Json escapes nothing of it.
const netNote = String.raw`"Zo\u00EB \u003Cb\u003E \u0026 \u0027x\u0027 = y/z \u002B \u00601\u0060"`
const plainNote = '"Zoë <b> & \'x\' = y/z + `1`"'
out('system-text-json', 'body.reserialised.compact.dotnet', received.replace(/"Zoë[^"]*"/, () => netNote))
out('system-text-json-received', 'body.reserialised.compact.unescaped', received, received.replace(/"Zoë[^"]*"/, () => netNote))
out('system-text-json-quote', 'body.reserialised.compact.dotnet', String.raw`{"a":"say \u0022hi\u0022 \\ 1\u002B1 \uD83D\uDE00"}`, String.raw`{"a":"say \"hi\" \\ 1+1 😀"}`)
out('system-text-json-indented', 'body.reserialised.indent2.crlf.dotnet', crlf(indent2(netNote)))
out('newtonsoft-indented', 'body.reserialised.indent2.crlf', crlf(indent2(plainNote)))
out('newtonsoft-indented-lf', 'body.reserialised.indent2', indent2(plainNote))
out('newtonsoft-received', 'body.reserialised.compact', received, crlf(indent2(plainNote)))

// PHP: JSON_PRETTY_PRINT with and without JSON_UNESCAPED_SLASHES and JSON_UNESCAPED_UNICODE.
const four = (text) => text.replace(/^( +)/gm, '$1$1')
out('php-pretty', 'body.reserialised.indent4.php', four(indent2(String.raw`"Zo\u00eb <b> & 'x' = y\/z + ${'`'}1${'`'}"`)))
out('php-pretty-slashes', 'body.reserialised.indent4.ascii', four(indent2(String.raw`"Zo\u00eb <b> & 'x' = y/z + ${'`'}1${'`'}"`)))
out('php-pretty-unicode', 'body.reserialised.indent4.slashes', four(indent2(plainNote.replace('/', '\\/'))))
out('php-pretty-received', 'body.reserialised.compact.unescaped', received, four(indent2(plainNote.replace('/', '\\/'))))

// Ruby's JSON.pretty_generate: since json 2.8 empty ones are [] and {}, before that they hold line breaks.
out('ruby', 'body.reserialised.indent2', indent2(plainNote))
out('ruby-old', 'body.reserialised.ruby', `{
  "id": "evt_1",
  "note": ${plainNote},
  "n": [
    1,
    2
  ],
  "none": {
  },
  "list": [

  ],
  "items": [
    {
      "id": 1,
      "tags": [
        [

        ],
        {
        }
      ]
    },
    {
      "id": 2
    }
  ],
  "amount": 12.50
}`)

// JavaScript puts members whose names are numbers first, and keeps the last of those that are there twice.
const odd = '{"b":1,"10":{"2":0,"x":1,"1":0},"9":2,"b":3,"01":4,"a":5}'
out('js-order', 'body.reserialised.compact.js_order', JSON.stringify(JSON.parse(odd)), odd)
out('js-order-pretty', 'body.reserialised.indent2.js_order', JSON.stringify(JSON.parse(odd), null, 2), odd)

// Amounts with two digits, of which JSON.stringify leaves one.
const money = '{"id":"evt_1","amount":10.50,"fee":0.25,"items":[{"price":3.20,"n":2}]}'
out('cents', 'body.reserialised.compact.numbers.cents', money, JSON.stringify(JSON.parse(money)))
out('cents-indented', 'body.reserialised.compact.numbers.cents', money, JSON.stringify(JSON.parse(money), null, 2))
