import { userInfo } from 'node:os'
import { basename, join } from 'node:path'
import type { CliDefinition } from '../definition.ts'
import { stateFolder } from '../state/state-folder.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usage-error.ts'
import { quoted } from './quote.ts'
import { splitServiceLine } from './service-flags.ts'
import { type ServiceLine, serviceLine } from './service-line.ts'
import { serviceUnit, timerUnit, type UnitFacts } from './units.ts'

/** What `service print` says: to stdout the units and nothing else that systemd would not read, to stderr what is left to do. */
export interface PrintedService {
  readonly out: string
  readonly warnings: readonly string[]
}

/** `argv` is what stands behind `service`. Throws UsageError. */
export function printService(
  definition: CliDefinition,
  surroundings: Surroundings,
  argv: readonly string[],
): PrintedService {
  const { own, rest } = splitServiceLine(argv)
  const [word, ...behind] = rest
  if (word !== 'print') {
    throw new UsageError(`service: there is "${definition.name} service print", followed by the line to run.`)
  }
  const { cwd = process.cwd(), program = process.argv.slice(0, 2).map(String), env } = surroundings
  const line = serviceLine(definition, behind[0] === '--' ? behind.slice(1) : behind, cwd)
  if (own.has('on-calendar') && line.stays) {
    throw new UsageError(
      '--on-calendar: this line runs until it is stopped (--every, or by its nature); no timer starts it.',
    )
  }
  const me = userInfo().username
  const user = own.get('service-user') ?? me
  const name = own.get('service-name') ?? nameFor(definition.name, line.dest)
  const facts: UnitFacts = {
    name,
    description: `${definition.vendor} footage to ${line.dest} (${definition.name})`,
    user,
    command: [...program, ...line.argv],
    dest: line.dest,
    // Logins of the person who prints it are the service's too, where it runs as the same person.
    ...(user === me ? { stateFolder: stateFolder(env) } : {}),
    stays: line.stays,
    onCalendar: own.get('on-calendar') ?? 'daily',
    ...(line.wantsEnv.length > 0 ? { envFile: `/etc/cam/${name}.env` } : {}),
  }
  if (own.get('unit') === 'timer' && line.stays) {
    throw new UsageError('--unit timer: this line runs until it is stopped; it has no timer.')
  }
  return { out: text(facts, line, own.get('unit')), warnings: warningsOf(program, definition.name) }
}

function text(facts: UnitFacts, line: ServiceLine, only: string | undefined): string {
  const folder = '/etc/systemd/system'
  const [service, timer] = [join(folder, `${facts.name}.service`), join(folder, `${facts.name}.timer`)]
  if (only === 'timer') return timerUnit(facts)
  if (only === 'service') return serviceUnit(facts)
  const starts = line.stays ? `${facts.name}.service` : `${facts.name}.timer`
  const steps = [
    ...(facts.envFile
      ? [
          `Put ${line.wantsEnv.map((variable) => `${variable}=…`).join(' and ')} into ${facts.envFile} (sudo chmod 600).`,
        ]
      : []),
    `Save what follows as ${service}${line.stays ? '' : ` and ${timer}`}; --unit service${line.stays ? '' : ' and --unit timer'} print${line.stays ? 's it' : ' each'} alone.`,
    `sudo systemctl daemon-reload && sudo systemctl enable --now ${starts}`,
    `Its words: journalctl -u ${facts.name}`,
  ]
  const units = [`# ${service}`, serviceUnit(facts), ...(line.stays ? [] : [`# ${timer}`, timerUnit(facts)])]
  return `${steps.map((step) => `# ${step}`).join('\n')}\n\n${units.join('\n')}`
}

function warningsOf(program: readonly string[], cli: string): readonly string[] {
  const script = program[1] ?? ''
  return /[\\/]_npx[\\/]/.test(script)
    ? [
        `npx keeps this program in a cache that may be emptied: install it with npm install --global, and print the units with the installed ${cli} (now: ${quoted(script)}).`,
      ]
    : []
}

/** `unifi-cli-footage` for `/srv/footage`. */
function nameFor(cli: string, dest: string): string {
  const place = basename(dest)
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100)
  return place ? `${cli}-${place}` : cli
}
