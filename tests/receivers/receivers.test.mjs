// Every receiver of table.txt against whctl check: it fails and warns of exactly the cases that stand there.
// TABLE_UPDATE=1 writes what came of it into the table.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, describe, test } from 'node:test'
import { check, receiver } from './lib.mjs'

const file = new URL('table.txt', import.meta.url)
const rows = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
  const [who, ...parts] = line.split(';').map((part) => part.trim())
  const [framework, scheme, fault] = who.split(/\s+/)
  const row = { framework, scheme, fault, fail: [], warn: [], without: [] }
  for (const part of parts) {
    const [what, ...ids] = part.split(/\s+/)
    row[what] = ids
  }
  return row
})

const written = (row) => [
  `${row.framework.padEnd(8)} ${row.scheme.padEnd(18)} ${row.fault}`,
  ...['without', 'fail', 'warn'].filter((what) => row[what].length).map((what) => `${what} ${row[what].join(' ')}`),
].join('; ')

/** Fewer cases than these say that something is left out. GitHub and others without a timestamp have the fewest. */
const LEAST_PASSED = 45

const found = []

describe('receivers', { concurrency: 2 }, () => {
  for (const row of rows) {
    test(`${row.framework} ${row.scheme} ${row.fault}`, async () => {
      const server = await receiver(row.framework, row.scheme, row.fault)
      const done = await check(server.url, row.scheme, '--format', 'json', ...row.without.flatMap((id) => ['--skip', id])).finally(server.stop)
      assert.match(done.out, /^\{/, done.err)
      const { cases, summary } = JSON.parse(done.out)
      const ids = (outcome) => cases.filter((c) => c.outcome === outcome).map((c) => c.id)
      const got = { ...row, fail: ids('fail'), warn: ids('warn') }
      found.push([rows.indexOf(row), written(got)])
      const said = cases.filter((c) => c.outcome === 'fail' || c.outcome === 'warn').map((c) => `${c.id}: ${c.detail}`).join('\n')
      if (!process.env.TABLE_UPDATE) assert.equal(written(got), written(row), said)
      assert.equal(done.code, got.fail.length ? 3 : 0, done.err)
      assert.ok(summary.pass >= LEAST_PASSED, `${summary.pass} passed`)
      if (row.fault === 'right') assert.deepEqual(got.fail, [], said)
    })
  }
})

test('the table has every framework and scheme', () => {
  const right = rows.filter((row) => row.fault === 'right').map((row) => `${row.framework} ${row.scheme}`)
  assert.ok(new Set(right).size >= 16)
  assert.ok(rows.length - right.length >= 15)
})

after(() => {
  if (!process.env.TABLE_UPDATE) return
  const head = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('#'))
  fs.writeFileSync(file, `${[...head, ...found.sort(([a], [b]) => a - b).map(([, line]) => line)].join('\n')}\n`)
})
