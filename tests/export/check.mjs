// Sends odd requests to a listener, exports what it recorded in every form, and has others read it. Usage: node check.mjs FOLDER
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import har from 'har-validator'

const work = process.argv[2]
const key = 'whk_test_9f8e7d6c5b4a39281706f5e4d3c2b1a0'
writeFileSync(path.join(work, 'key'), key, { mode: 0o600 })
const bad = path.join(work, 'owned')

const bodies = {
	'small JSON': '{"event_type":"card.activated","event_id":"e1","note":"Zoé"}',
	'empty': '',
	'at sign': '@/etc/passwd',
	'quotes': `it's "quoted" \\ and \\\\ and '"'"' and \\' \\`,
	'shell': '$(touch OWNED) `touch OWNED` ${HOME} $HOME; touch OWNED & | > < * ? [a] {b,c} ~ # x',
	'history': 'a!b !! !x "!" \'!\' wow!',
	'lines': '{\n  "a": 1,\n  "b": "x\'y"\n}\n',
	'only lines': '\n\n\n',
	'CRLF': 'a\r\nb\r\n',
	'tab': '{\t"a":1}',
	'NUL': Buffer.from('a\0b\0'),
	'all bytes': Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
	'escapes': '\x1b[2J\x07\x9b',
	'surrogates': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
	'escaped surrogates': '["\\ud800","\\ud83d\\ude00"]',
	'emoji': '😀👩‍👩‍👧‍👦 é é',
	'bidi': 'abc\u202edef\u2066x',
	'percent': '%s %d %% %b \\0101 \\n',
	'dash': '-d x --data y',
	'END': 'a\nEND\nb\n',
	'long text': 'x'.repeat(200_000),
	'1 MiB': Buffer.alloc(1 << 20, 'abc\0def\xff', 'latin1'),
}
const paths = ['/', '/a/b?x=1&y=2', "/it's/$(touch%20OWNED)/`id`?q=$HOME&r=!!&s='", '/a/../b/./c', '/[1-3]{a,b}', '//double//', '/%00%ff%zz', '/caf\u00e9', '/?', '/?a=%', '/;touch${IFS}OWNED;', '/a\\b"c']
const headers = [['X-Shell', '$(touch OWNED) `touch OWNED` ; touch OWNED'], ['X-Quote', `'"\\'"'`], ['X-History', '!! !x'], ['X-Bytes', '\x80\xff\xe9'], ['X-Tab', 'a\tb'],
	['X-Empty', ''], ['X-Percent', '%s%n\\x41'], ["X-!#$%&'*+.^_`|~", 'name'], ['X-At', '@/etc/passwd'], ['X-Twice', 'one'], ['X-Twice', 'two'], ['Accept', 'application/json, */*']]

const deliveries = [
	...Object.entries(bodies).map(([name, body]) => ({ name: 'body: ' + name, body })),
	...paths.map((p) => ({ name: 'path: ' + p, path: p, body: '{"p":1}' })),
	{ name: 'headers', headers, body: '{"h":1}' },
	{ name: 'event type', body: JSON.stringify({ event_type: "x$(touch OWNED)'`touch OWNED`\n!!", event_id: '-n "$(touch OWNED)"' }) },
	{ name: 'PUT', method: 'PUT', body: 'put' },
	{ name: 'odd method', method: "A'$`|!~", body: 'odd' },
	{ name: 'no content type', type: '', body: '{}' },
	{ name: 'DELETE without a body', method: 'DELETE', body: '' },
]
for (const d of deliveries) {
	d.body = Buffer.isBuffer(d.body) ? d.body : Buffer.from(d.body)
}

function whctl(args, options = {}) {
	const r = spawnSync(process.env.WHCTL, args, { maxBuffer: 1 << 28, ...options, env: { ...process.env, ...options.env } })
	assert.equal(r.status, options.code ?? 0, `whctl ${args.join(' ')}: exit ${r.status}\n${r.stderr}`)
	return r
}

// listen starts a listener with a journal of its own, and gives its address and how to end it.
async function listen(name) {
	const ready = path.join(work, name + '.ready')
	const env = { WHCTL_DATA_DIR: path.join(work, name) }
	const p = spawn(process.env.WHCTL, ['listen', '--addr', '127.0.0.1:0', '--secret-file', path.join(work, 'key'), '--ready-file', ready, '-q'],
		{ env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] })
	process.on('exit', () => p.kill())
	while (!existsSync(ready) || readFileSync(ready).length === 0) {
		assert.equal(p.exitCode, null, 'the listener ended')
		await new Promise((done) => setTimeout(done, 20))
	}
	const [host, port] = readFileSync(ready, 'utf8').split('\n')[0].replace('http://', '').split(':')
	return { env, address: `${host}:${port}`, port: Number(port), async end() { p.kill('SIGINT'); await once(p, 'exit') } }
}

async function send(port, d) {
	const ts = String(Math.floor(Date.now() / 1000))
	const signature = createHmac('sha256', key).update(ts + '.').update(d.body).digest('hex')
	const lines = [`${d.method ?? 'POST'} ${d.path ?? '/'} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', `X-Timestamp: ${ts}`, `X-Signature: ${signature}`]
	if (d.type !== '') lines.push('Content-Type: application/json')
	for (const [name, value] of d.headers ?? []) lines.push(`${name}: ${value}`)
	lines.push(`Content-Length: ${d.body.length}`, 'Authorization: Bearer abcdefgh12345678')
	const socket = net.connect(port, '127.0.0.1')
	socket.write(Buffer.from(lines.join('\r\n') + '\r\n\r\n', /[^\x00-\xff]/.test(lines.join('')) ? 'utf8' : 'latin1'))
	socket.write(d.body)
	let answer = ''
	socket.on('data', (b) => { answer += b })
	await once(socket, 'close')
	assert.match(answer, /^HTTP\/1.1 200 /, `${d.name}: ${answer.slice(0, 200)}`)
}

const exported = (env, args = []) => whctl(['journal', 'export', ...args], { env }).stdout.toString().trimEnd().split('\n').map((line) => JSON.parse(line))
const bytes = (d) => (d.bodyBase64 ? Buffer.from(d.bodyBase64, 'base64') : Buffer.from(d.body))

// same compares what came again with what came first. What belongs to a connection, and what was secret, does not come again.
function same(before, after, how) {
	assert.equal(after.length, before.length, `${how}: ${after.length} of ${before.length} came`)
	before.forEach((d, i) => {
		const name = `${how}: ${deliveries[i].name}`
		assert.ok(bytes(after[i]).equals(bytes(d)), `${name}: the body differs`)
		assert.equal(after[i].verdict.reason, 'valid', name)
		assert.equal(after[i].method, d.method, name)
		assert.equal(after[i].path, d.path, name)
		const { Connection, Authorization, ...was } = d.headersBase64 ? { ...d.headers, ...d.headersBase64 } : d.headers
		const { Connection: c, ...is } = after[i].headersBase64 ? { ...after[i].headers, ...after[i].headersBase64 } : after[i].headers
		if (was['Content-Length']?.[0] === '0') { delete was['Content-Length']; delete is['Content-Length'] }
		assert.deepEqual(is, was, `${name}: headers`)
	})
}

const first = await listen('first')
for (const d of deliveries) await send(first.port, d)
await first.end()
const before = exported(first.env)
assert.equal(before.length, deliveries.length)
before.forEach((d, i) => {
	assert.ok(bytes(d).equals(deliveries[i].body), `json: ${deliveries[i].name}`)
	assert.deepEqual(d.headers.Authorization, ['(masked)'])
})
console.log(`ok   json: ${before.length} deliveries, byte for byte`)

const shells = { dash: ['dash'], bash: ['bash'], 'bash with history': ['bash'], zsh: ['zsh', '-f'], fish: ['fish', '--no-config'] }
for (const [name, [shell, ...args]] of Object.entries(shells)) {
	const again = await listen('again-' + name.replaceAll(' ', '-'))
	const script = whctl(['journal', 'export', '--format', 'curl', '--to', again.address], { env: first.env }).stdout
	const expanding = name.endsWith('history') ? 'set -o history\nset -H\n' : ''
	const commands = path.join(work, 'commands')
	writeFileSync(commands, Buffer.concat([Buffer.from(expanding), script]))
	const r = spawnSync(shell, args, { stdio: [openSync(commands), 'pipe', 'pipe'], cwd: work, env: { ...process.env, OWNED: '1' }, maxBuffer: 1 << 28 })
	assert.equal(r.status, 0, `${name}: exit ${r.status}\n${r.stderr}`)
	await again.end()
	assert.ok(!readdirSync(work).includes('OWNED') && !existsSync(bad), `${name}: a delivery ran a command`)
	same(before, exported(again.env), name)
	console.log(`ok   curl, ${name}: ${before.length} deliveries are valid again, and the same`)
}

const folder = path.join(work, 'curl')
whctl(['journal', 'export', '--format', 'curl', '--out', folder], { env: first.env })
const script = readFileSync(path.join(folder, 'curl.sh'), 'utf8')
assert.equal(statSync(folder).mode & 0o777, 0o700)
for (const file of readdirSync(folder)) assert.equal(statSync(path.join(folder, file)).mode & 0o777, 0o600, file)
const beside = await listen('beside')
const r = spawnSync('dash', [], { input: script.replaceAll(first.address, beside.address).replace('$(dirname "$0")', folder), cwd: '/' })
assert.equal(r.status, 0, `curl.sh: ${r.stderr}`)
await beside.end()
same(before, exported(beside.env), 'curl.sh')
console.log('ok   curl.sh with bodies in files, run by dash')

const archive = JSON.parse(whctl(['journal', 'export', '--format', 'har'], { env: first.env }).stdout)
await har.har(archive)
assert.equal(archive.log.entries.length, before.length)
archive.log.entries.forEach((e, i) => {
	const post = e.request.postData
	const body = post ? Buffer.from(post.text, post._encoding ?? 'utf8') : Buffer.alloc(0)
	assert.ok(body.equals(deliveries[i].body), `har: ${deliveries[i].name}`)
	assert.ok(!JSON.stringify(e).includes('abcdefgh12345678'))
})
console.log(`ok   har: har-validator takes ${archive.log.entries.length} entries`)
const none = whctl(['journal', 'export', '--format', 'har'], { env: { WHCTL_DATA_DIR: path.join(work, 'nothing') } }).stdout
await har.har(JSON.parse(none))

whctl(['journal', 'export', '--format', 'http', '--out', path.join(work, 'http')], { env: first.env })
whctl(['journal', 'export', '--format', 'files', '--out', path.join(work, 'files')], { env: first.env })
for (const [i, d] of before.entries()) {
	const check = ['--secret-file', path.join(work, 'key'), '--at', d.time]
	const out = whctl(['verify', '--request', path.join(work, 'http', d.id + '.http'), ...check]).stdout.toString()
	assert.match(out, /^valid: /, deliveries[i].name)
	const dir = path.join(work, 'files', d.id)
	assert.ok(readFileSync(path.join(dir, 'body')).equals(deliveries[i].body))
	const joined = path.join(work, 'joined')
	writeFileSync(joined, Buffer.concat([readFileSync(path.join(dir, 'request')), readFileSync(path.join(dir, 'body'))]))
	whctl(['verify', '--request', joined, ...check])
	assert.equal(JSON.parse(readFileSync(path.join(dir, 'delivery.json'))).id, d.id)
}
console.log(`ok   http and files: ${before.length} requests verify`)
