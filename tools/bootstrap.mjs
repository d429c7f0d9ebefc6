// Installs the workspace when it is not installed, or older than what it was installed from; otherwise takes no time.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: this project needs Node 20.19 or newer.`)
  process.exit(1)
}

const time = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function workspaceFolders() {
  const rooms = ['packages', 'apps'].flatMap((room) =>
    existsSync(join(root, room)) ? readdirSync(join(root, room)).map((name) => join(root, room, name)) : [],
  )
  return [...rooms, join(root, 'examples')].filter((folder) => existsSync(join(folder, 'package.json')))
}

function installed() {
  const stamp = time(join(root, 'node_modules', '.modules.yaml'))
  if (stamp === 0) return false
  const folders = workspaceFolders()
  const sources = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => join(root, name))
  if ([...sources, ...folders.map((folder) => join(folder, 'package.json'))].some((file) => time(file) > stamp))
    return false
  return folders.every((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const needs = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0
    return !needs || existsSync(join(folder, 'node_modules'))
  })
}

if (!installed()) {
  console.error('Installing the workspace (once) …')
  const { status } = spawnSync('npx', ['--yes', pnpm, 'install', '--prefer-offline', '--reporter=append-only'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error('The install failed. It needs the npm registry; the lines above say what went wrong.')
    process.exit(status ?? 1)
  }
}
