// Runs whctl verify on each case of WORK/cases.jsonl and compares its first finding; see run.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const work = process.argv[2]
const env = { PATH: process.env.PATH, HOME: work, WHCTL_KEYRING: 'file', XDG_CONFIG_HOME: work, XDG_DATA_HOME: work, CI: 'true' }
let checked = 0
let wrong = 0
for (const line of fs.readFileSync(path.join(work, 'cases.jsonl'), 'utf8').trim().split('\n')) {
  const c = JSON.parse(line)
  if (c.other_keys) continue // keys that are saved, not given: the Go tests have them
  const body = path.join(work, 'body')
  fs.writeFileSync(body, Buffer.from(c.body_base64, 'base64'))
  const args = ['verify', body, '-o', 'json', '--scheme', c.scheme, '--secret-env', 'CASE_KEY', '--at', new Date(c.now * 1000).toISOString()]
  for (const [name, value] of Object.entries(c.headers)) args.push('--header', `${name}: ${value}`)
  if (c.url) args.push('--url', c.url, '--method', c.method)
  const p = spawnSync(process.env.WHCTL, args, { env: { ...env, CASE_KEY: c.key }, encoding: 'utf8' })
  checked++
  let id = ''
  try {
    id = JSON.parse(p.stdout).findings[0].id
  } catch {
    id = `nothing (exit ${p.status}: ${p.stderr.trim()})`
  }
  const right = c.expect.endsWith('.') ? id.startsWith(c.expect) : id === c.expect
  const publicKey = ['discord', 'sendgrid'].includes(c.scheme)
  const leaks = !publicKey && (p.stdout + p.stderr).includes(c.key.trim())
  if (!right || p.status !== 3 || leaks) {
    wrong++
    console.error(`${c.id}: ${id}, want ${c.expect}; exit ${p.status}${leaks ? '; the key is in the output' : ''}`)
  }
}
console.log(`${checked} mistakes explained by the binary, ${wrong} wrongly`)
process.exit(wrong === 0 && checked > 100 ? 0 : 1)
