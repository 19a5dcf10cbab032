// One clock and one place for everything: the libraries ask Date for the time, whctl is told it with --at and --timestamp.
// Nothing here sleeps, and the edges of a window can be looked at to the second. Import this before any library.
import { File } from 'node:buffer'
import { webcrypto } from 'node:crypto'

/** The time that every library reads, in unix seconds: 2026-03-01T12:00:00Z. */
export const NOW = 1772366400

const RealDate = Date
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [NOW * 1000], self),
  apply: () => new RealDate(NOW * 1000).toString(),
  get: (target, name) => (name === 'now' ? () => NOW * 1000 : Reflect.get(target, name)),
})

// Node.js 18 has these under other names only.
globalThis.crypto ??= webcrypto
globalThis.File ??= File
