// Runs whctl verify on each case of WORK/diagnose.jsonl and compares its first finding, on those of WORK/lost.jsonl and compares
// what it says instead, and on each key of WORK/keys.jsonl and compares its refusal; see run.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const work = process.argv[2]
const env = { PATH: process.env.PATH, HOME: work, WHCTL_KEYRING: 'file', XDG_CONFIG_HOME: work, XDG_DATA_HOME: work, CI: 'true' }
let checked = 0
let wrong = 0
for (const line of fs.readFileSync(path.join(work, 'diagnose.jsonl'), 'utf8').trim().split('\n')) {
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
  const publicKey = ['discord', 'sendgrid'].includes(c.scheme) && c.expect !== 'key.private'
  const leaks = !publicKey && (p.stdout + p.stderr).includes(c.key.trim())
  if (!right || p.status !== 3 || leaks) {
    wrong++
    console.error(`${c.id}: ${id}, want ${c.expect}; exit ${p.status}${leaks ? '; the key is in the output' : ''}`)
  }
}
let lost = 0
for (const line of fs.readFileSync(path.join(work, 'lost.jsonl'), 'utf8').trim().split('\n')) {
  const c = JSON.parse(line)
  const body = path.join(work, 'body')
  fs.writeFileSync(body, Buffer.from(c.body_base64, 'base64'))
  const args = ['verify', body, '--scheme', c.scheme, '--secret-env', 'CASE_KEY', '--at', new Date(c.now * 1000).toISOString()]
  for (const [name, value] of Object.entries(c.headers)) args.push('--header', `${name}: ${value}`)
  const p = spawnSync(process.env.WHCTL, args, { env: { ...env, CASE_KEY: c.key }, encoding: 'utf8' })
  lost++
  const found = p.stdout.includes('probably rounded')
  if (p.status !== 3 || !p.stdout.includes(c.next) || found !== (c.finding !== '') || p.stdout.includes(c.key)) {
    wrong++
    console.error(`${c.id}: exit ${p.status}: ${p.stdout}; want ${c.next}`)
  }
}
let keys = 0
for (const line of fs.readFileSync(path.join(work, 'keys.jsonl'), 'utf8').trim().split('\n')) {
  const k = JSON.parse(line)
  const body = path.join(work, 'body')
  const file = path.join(work, 'key')
  fs.writeFileSync(body, '{}')
  fs.writeFileSync(file, Buffer.from(k.key_base64, 'base64'), { mode: 0o600 })
  const p = spawnSync(process.env.WHCTL, ['verify', body, '--scheme', k.scheme, '--secret-file', file], { env, encoding: 'utf8' })
  keys++
  if (k.want ? p.status !== 2 || ![`key for scheme "${k.scheme}" ${k.want}`, `the key ${k.want}`].some((words) => p.stderr.includes(words)) : p.status !== 3) {
    wrong++
    console.error(`${k.id}: exit ${p.status}: ${p.stderr.trim()}; want ${k.want || 'it taken'}`)
  }
}
console.log(`${checked} mistakes, ${lost} lost bodies and ${keys} keys explained by the binary, ${wrong} wrongly`)
process.exit(wrong === 0 && checked > 180 && lost > 10 && keys > 40 ? 0 : 1)
