// A line for each library when all is well, everything about what is not, and the count at the end.
import { inspect } from 'node:util'

const indent = (text, by) => text.replace(/^/gm, ' '.repeat(by))

export default async function* report(source) {
  let passed = 0
  let failed = 0
  const stack = [] // names of the suites that are open
  const counts = [] // and what became of their tests
  for await (const { type, data } of source) {
    const suite = data?.details?.type === 'suite'
    if (type === 'test:start') {
      stack.length = counts.length = data.nesting
      stack.push(data.name)
      counts.push([0, 0])
    } else if (type === 'test:pass' || type === 'test:fail') {
      const ok = type === 'test:pass' && data.skip === undefined && data.todo === undefined
      const mine = counts[data.nesting] ?? [0, 0]
      if (suite) {
        if (data.nesting === 0) yield `${mine[1] ? 'FAIL' : 'ok  '} ${data.name}  (${mine[0]} of ${mine[0] + mine[1]})\n`
      } else {
        if (ok) passed++
        else failed++
        for (const count of counts.slice(0, data.nesting)) count[ok ? 0 : 1]++
      }
      // A suite that fails has failed because of its tests, which have been told of, unless it could not be set up.
      const cause = data.details?.error
      if (!ok && !(suite && cause?.failureType === 'subtestsFailed')) {
        if (suite) failed++
        const error = cause?.cause ?? cause
        yield `FAIL ${[...stack.slice(0, data.nesting), data.name].join(' > ')}\n${indent(typeof error === 'string' ? error : inspect(error), 5)}\n`
      }
    } else if (type === 'test:stderr') {
      yield data.message
    }
  }
  yield `${passed} passed, ${failed} failed\n`
}
