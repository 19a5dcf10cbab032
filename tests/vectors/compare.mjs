// Comparing what a verifier says of the vectors with what is right.

// Where a library is more lenient or stricter than the scheme's rules say. Each line says why.
export const differences = JSON.parse(await (await import('node:fs/promises')).readFile(new URL('differences.json', import.meta.url), 'utf8'))

export async function compare(language, scheme, v, accepts) {
  let agreed = 0
  let known = 0
  const wrong = []
  for (const one of v.vectors) {
    const q = one.request
    const body = Buffer.from(q.body ?? q.bodyBase64, q.body === undefined ? 'base64' : 'utf8')
    const values = {}
    for (const [name, list] of Object.entries(q.headers)) values[name.toLowerCase()] = list.join(', ') // as node:http has it
    let ok = false
    try {
      ok = await accepts(v, body, (name) => values[name])
    } catch {
      ok = false
    }
    const why = differences[language]?.[scheme]?.[one.id]
    if (ok === one.ok && !why) agreed++
    else if (ok !== one.ok && why) known++
    else wrong.push(`${one.id}: the library ${ok ? 'accepts' : 'refuses'} it, whctl says ${one.reason}${why ? `; a difference was expected: ${why}` : ''}`)
  }
  for (const line of wrong) console.error(`  ${language} ${scheme} ${line}`)
  console.log(`${wrong.length ? 'FAIL' : 'ok'}  ${language} ${scheme}: ${agreed} vectors agree, ${known} differ for a known reason`)
  return wrong.length ? 1 : 0
}
