// Reports for other programs against their schemas, also when the receiver, the probe or the sender writes what no report may hold:
// JUnit's XML by libxml2 (xmllint-wasm), SARIF 2.1.0 by ajv with the schema of the standard (@microsoft/jest-sarif).
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import { after, before, describe, test } from 'node:test'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { validateXML } from 'xmllint-wasm'
import { bin, check, keys, receiver, run, work } from './lib.mjs'

const require = createRequire(import.meta.url)
const ajv = new (Ajv.default ?? Ajv)({ strict: false, allErrors: true, unicodeRegExp: false })
;(addFormats.default ?? addFormats)(ajv)
const validSARIF = ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'))
const xsd = fs.readFileSync(new URL('junit.xsd', import.meta.url), 'utf8')

// Ends of tags, entities and CDATA, control and bidi characters, bytes that are no UTF-8, and a character that XML has not.
const ODD = `]]>"'<b>&amp;&\u001b[31m\u0000\u0007\u202e\ufffe|\`*☃🎉`

async function junit(text) {
  const { valid, errors } = await validateXML({ xml: [{ fileName: 'report.xml', contents: text }], schema: [{ fileName: 'junit.xsd', contents: xsd }] })
  assert.ok(valid, `${errors.map((e) => e.message).join('\n')}\n${text.slice(0, 2000)}`)
}

function sarif(text) {
  const log = JSON.parse(text)
  assert.ok(validSARIF(log), ajv.errorsText(validSARIF.errors))
  return log
}

/** No report has a character that does something to a terminal. */
// eslint-disable-next-line no-control-regex
const tame = (text) => assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)

/** A server that answers every request with the same bytes. */
async function answering(bytes) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve)) }
}

const odd = [
  ['an odd status line', `HTTP/1.1 2${ODD} no\r\n\r\n`],
  ['no HTTP at all', `${ODD}\xff\xfe\r\n`],
  ['an odd body', `HTTP/1.1 500 ${ODD.replace(/[\u0000\u0007]/g, '')}\r\nX-Odd: <&>\r\nContent-Length: ${Buffer.byteLength(ODD)}\r\nConnection: close\r\n\r\n${ODD}`],
  ['a redirect to nowhere', `HTTP/1.1 302 Found\r\nLocation: ht!tp://${encodeURI(ODD)}<&>\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`],
]

describe('reports of whctl check', () => {
  for (const [name, bytes] of odd) {
    test(`a receiver that answers ${name}`, async () => {
      const server = await answering(Buffer.from(bytes, name === 'no HTTP at all' ? 'latin1' : 'utf8'))
      const path = `/a'b&c=%22%3C?x=]]>&y=${encodeURIComponent('<☃>')}`
      const args = ['--only', 'accept,signature,repeat,secrecy', '--probe', `printf '%s' ${JSON.stringify(ODD.replaceAll(/[`"\u0000]/g, ''))}`, '--timeout', '2s']
      const types = ['--type', `odd<&>]]>'☃`]
      try {
        for (const [format, valid] of [['junit', junit], ['sarif', sarif], ['markdown', tame], ['json', (text) => JSON.parse(text)]]) {
          const done = await check(server.url + path, 'hookdeck', ...args, ...types, '--format', format) // of whose types nothing is known
          assert.ok(done.code === 3 || done.code === 6, `${done.code}: ${done.err}`)
          await valid(done.out)
          tame(done.out)
        }
      } finally {
        await server.stop()
      }
    })
  }

  let right
  before(async () => { right = await receiver('express', 'baanx', 'throws-on-json') })
  after(() => right?.stop())

  test('failures, warnings, skipped and known ones stand in JUnit and SARIF', async () => {
    const args = ['--skip', 'time', '--format']
    const xml = await check(right.url, 'baanx', ...args, 'junit')
    await junit(xml.out)
    assert.match(xml.out, /<failure/)
    assert.match(xml.out, /<skipped/)
    const log = sarif((await check(right.url, 'baanx', ...args, 'sarif')).out)
    assert.deepEqual(log.runs[0].results.map((r) => [r.ruleId, r.level]), [['body-bom', 'warning'], ['json-invalid', 'error'], ['body-empty', 'error'], ['json-null', 'error']])
    const baseline = `${work}/baseline.json`
    assert.equal((await check(right.url, 'baanx', ...args, 'junit', '--baseline', baseline, '--baseline-update')).code, 3)
    const known = await check(right.url, 'baanx', ...args, 'junit', '--baseline', baseline)
    assert.equal(known.code, 0, known.err)
    await junit(known.out)
    assert.match(known.out, /known: /)
  })

  test('a schema that takes anything would not be one', async () => {
    await assert.rejects(junit('<testsuites><testsuite name="x" tests="1"/></testsuites>'))
    assert.throws(() => sarif('{"version":"2.1.0","runs":[{"tool":{}}]}'))
  })
})

describe('the report of whctl expect', () => {
  const body = `${work}/odd.json`
  before(() => fs.writeFileSync(body, JSON.stringify({ event_type: 'card.activated', event_id: '<&>"', text: ODD })))
  for (const [name, code, args] of [
    ['met', 0, ['--type', 'card.*', '--match', `.body | fromjson | .text | contains("]]>")`]],
    ['not met', 3, ['--match', `.body | contains("<never>&]]>")`, '--verified']],
    ['nothing came', 6, ['--type', `none<&>"']]>`]],
  ]) {
    test(name, async () => {
      const file = `${work}/expect-${code}.xml`
      const done = await run(bin, [
        'expect', ...args, '--within', '3s', '--junit', file, '--addr', '127.0.0.1:0', '--scheme', 'baanx', '--secret-env', 'CHECK_KEY', '--',
        'sh', '-c', `printf '%s' '\u001b[31m<&>]]>'; exec "$0" "$@" --to "$WHCTL_LISTEN_URL"`, bin, 'send', body, '--secret-env', 'CHECK_KEY', '--scheme', 'baanx',
      ], { more: { CHECK_KEY: keys.baanx } })
      assert.equal(done.code, code, done.err + done.out)
      const text = fs.readFileSync(file, 'utf8')
      await junit(text)
      tame(text)
    })
  }
})
