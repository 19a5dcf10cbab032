// Where the program is, and an environment in which it sees nothing of the user's own.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export const bin = process.env.WHCTL_BIN
if (!bin) throw new Error('WHCTL_BIN is not set: start the tests with ./run')

export const home = fs.mkdtempSync(path.join(os.tmpdir(), 'whctl-interop-'))
process.on('exit', () => fs.rmSync(home, { recursive: true, force: true }))

export const env = {
  PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: `${home}/config`, XDG_DATA_HOME: `${home}/data`, WHCTL_KEYRING: 'file', CI: 'true',
}
