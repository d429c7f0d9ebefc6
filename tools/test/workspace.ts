import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The five cameras and clouds we plan for; those that exist are held to the rules. */
export const vendors = ['axis-timelapse2', 'eagleeye', 'reolink', 'samsara', 'unifi-protect'].filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)

/** Paths relative to the root, with `/`, of all TypeScript sources below a folder. */
export function sources(folder: string): string[] {
  const absolute = join(root, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

export function text(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The sources do not change while the tests read them. */
function once<T>(read: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>()
  return (path) => {
    if (!known.has(path)) known.set(path, read(path))
    return known.get(path)!
  }
}

/** What a file imports: packages as they are written, own files as paths relative to the root. */
export const imports: (path: string) => readonly string[] = once((path) =>
  ts.preProcessFile(text(path), true, true).importedFiles.map(({ fileName }) =>
    fileName.startsWith('.')
      ? relative(root, join(root, dirname(path), fileName))
          .split(sep)
          .join('/')
      : fileName,
  ),
)

/** The code without its comments and string contents, so that a word in prose is no finding. */
export const code: (path: string) => string = once((path) => {
  const file = ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest, true)
  const kept: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || node.kind === ts.SyntaxKind.JSDoc || ts.isTemplateLiteralToken(node)) return
    // An empty list of arguments has no text: it must not become a second space.
    if (node.getChildCount(file) === 0) kept.push(node.getText(file))
    for (const child of node.getChildren(file)) visit(child)
  }
  visit(file)
  return kept
    .filter(Boolean)
    .join(' ')
    .replaceAll(/ ?\. ?/g, '.')
})

/** Every file git tracks or would track. */
export function trackedFiles(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)))
}

export function manifest(folder: string): Record<string, unknown> & {
  name: string
  private?: boolean
  exports?: Record<string, unknown>
  dependencies?: Record<string, string>
} {
  return JSON.parse(text(`${folder}/package.json`))
}
