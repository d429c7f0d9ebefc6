import { faults } from './faults.ts'

const heads = ['what goes wrong', 'interface', 'outcome', 'films', 'exports', 'lists', 'logins', 'exit']

/** The table as the README has it. */
export function faultTable(): string {
  const rows = faults.map((fault) => [
    ...[fault.what, fault.api, fault.outcomes.map(shown).join(', ') || 'cannot begin', String(fault.films)],
    ...[String(fault.exports ?? 0), String(fault.lists), String(fault.logins ?? 0), String(fault.exit)],
  ])
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const shown = (outcome: string) => outcome.replace(/[A-Z_]+$/, '`$&`')
