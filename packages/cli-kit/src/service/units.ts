import { quoted, quotedPath } from './quote.ts'

/** What the units are made of. */
export interface UnitFacts {
  readonly name: string
  readonly description: string
  readonly user: string
  /** Node, the script, and the line. */
  readonly command: readonly string[]
  readonly dest: string
  /** Where logins are kept between runs; absent: a place of the service's own. */
  readonly stateFolder?: string
  /** Runs until it is stopped. */
  readonly stays: boolean
  readonly onCalendar: string
  /** A file of NAME=value lines. */
  readonly envFile?: string
}

/** A systemd service. Its exit codes are those of all command lines. */
export function serviceUnit(facts: UnitFacts): string {
  const { name, description, user, command, dest, stateFolder, stays, envFile } = facts
  // Without a disk there is nothing to write to: the run waits for its mount, and is not started without it.
  const unit = [
    `Description=${described(description)}`,
    'Wants=network-online.target',
    'After=network-online.target time-sync.target',
    `RequiresMountsFor=${quotedPath(dest)}`,
  ]
  // A wrong password or a wrong line is not tried again by itself: that locks accounts. What failed is taken up by the next run.
  const restart = stays ? '2 64' : '1 2 64 75'
  const service = [
    `Type=${stays ? 'exec' : 'oneshot'}`,
    `User=${user}`,
    `ExecStart=${command.map(quoted).join(' ')}`,
    ...(envFile === undefined ? [] : [`EnvironmentFile=${quotedPath(envFile)}`]),
    ...(stateFolder === undefined
      ? [`StateDirectory=${name}`, 'StateDirectoryMode=0700', `Environment=CAM_STATE_DIR=%S/${name}`]
      : [`Environment=${quoted(`CAM_STATE_DIR=${stateFolder}`).replace(/\$\$/g, '$')}`]),
    'Restart=on-failure',
    'RestartSec=60',
    `RestartPreventExitStatus=${restart}`,
    'SuccessExitStatus=130 143',
    'NoNewPrivileges=yes',
    'ProtectSystem=full',
    'PrivateTmp=yes',
  ]
  const install = stays ? ['', '[Install]', 'WantedBy=multi-user.target'] : []
  return ['[Unit]', ...unit, '', '[Service]', ...service, ...install, ''].join('\n')
}

/** The timer that starts a service which ends by itself; a start that the machine slept through is made up for. */
export function timerUnit({ name, description, onCalendar }: UnitFacts): string {
  return [
    '[Unit]',
    `Description=When to run: ${described(description)}`,
    '',
    '[Timer]',
    `OnCalendar=${onCalendar}`,
    'Persistent=true',
    'RandomizedDelaySec=60',
    `Unit=${name}.service`,
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n')
}

/** One line, whatever the folder is called. Throws UsageError. */
function described(text: string): string {
  quoted(text)
  return text.replace(/%/g, '%%')
}
