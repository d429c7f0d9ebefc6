import type { Dialect } from './dialect.ts'
import type { AxisSwitches } from './switches.ts'
import { type ArchiveSpec, archiveName, profiles } from './world.ts'

const hour = 3_600_000
const day = 24 * hour
const start = Date.UTC(2026, 2, 2, 6)

/** The archives of a world, oldest first. */
export function worldOf(
  name: AxisSwitches['world'],
  dialect: Dialect,
  custom: readonly ArchiveSpec[],
): readonly ArchiveSpec[] {
  if (name === 'custom') return custom
  if (name === 'empty') return []
  if (name === 'months') return daily(92, () => [20_000])
  if (name === 'huge') return [{ bytes: 512 * 1024 * 1024, first: start, last: start + 14 * hour }]
  if (name === 'nasty') return nasty(dialect)
  return daily(6, (index) => [300_000 + index * 61_803, 1_500_000 + index * 271_828])
}

/** One archive a day for each size given. */
function daily(days: number, sizes: (index: number) => readonly number[]): ArchiveSpec[] {
  return Array.from({ length: days }, (_, index) =>
    sizes(index).map((bytes, which) => ({
      id: profiles[which]!.id,
      bytes,
      first: start + index * day,
      last: start + index * day + 14 * hour,
    })),
  ).flat()
}

/** Everything a list has been seen to hold, or could. */
function nasty(dialect: Dialect): ArchiveSpec[] {
  const [front, yard] = profiles
  const end = dialect.container
  const small = { bytes: 20_000 }
  const at = (index: number) => ({ ...small, first: start + index * day, last: start + index * day + 14 * hour })
  const twice = archiveName('Twice', start, dialect)
  return [
    { ...at(0) },
    // Two profiles of one name, archived in the same minute: one file, and the later one wins.
    { ...at(1), id: front.id, filename: twice, seed: 'earlier' },
    { ...at(1), id: yard.id, filename: twice, seed: 'later' },
    ...[
      `Gate #1_2026_03_04_0000.${end}`,
      `A&B_2026_03_04_0000.${end}`,
      `50%_2026_03_04_0000.${end}`,
      `Per%20cent_2026_03_04_0000.${end}`,
      `C++_2026_03_04_0000.${end}`,
      `Anna's_2026_03_04_0000.${end}`,
      `with space_2026_03_04_0000.${end}`,
      `Straße_日本_2026_03_04_0000.${end}`,
      `Say "hi"_2026_03_04_0000.${end}`,
      `12:30?*<x>|_2026_03_04_0000.${end}`,
      `a/b_2026_03_04_0000.${end}`,
      `../../escape_2026_03_04_0000.${end}`,
      `back\\slash_2026_03_04_0000.${end}`,
      '..',
      '',
      'CON',
      `nul.${end}`,
      `trailing dot.${end}.`,
      `${'long'.repeat(50)}.${end}`,
      `new\nline.${end}`,
    ].map((filename, index) => ({ ...at(2 + index), filename })),
    { ...at(30), filename: `upper_2026_04_01_0000.${end}` },
    { ...at(30), filename: `UPPER_2026_04_01_0000.${end}` },
    { ...at(31), filename: `Empty_2026_04_02_0000.${end}`, bytes: 0 },
    { ...at(32), filename: `No_dates_2026_04_03_0000.${end}`, listing: { first: undefined, last: undefined } },
    { ...at(33), filename: `Epoch_2026_04_04_0000.${end}`, listing: { first: 0, last: 0 } },
    { ...at(34), filename: `Overflow_2026_04_05_0000.${end}`, listing: { first: -1_789_569_706, last: 715_827_882 } },
    {
      ...at(35),
      filename: `Backwards_2026_04_06_0000.${end}`,
      listing: { first: start + 36 * day, last: start + 35 * day },
    },
    { ...at(36), filename: `Text_dates_2026_04_07_0000.${end}`, listing: { first: 'yesterday', last: null } },
    { ...at(37), filename: `No_size_2026_04_08_0000.${end}`, listing: { size: undefined, frames: undefined } },
    { ...at(38), filename: `No_id_2026_04_09_0000.${end}`, listing: { id: undefined } },
    {
      ...at(38),
      filename: `Moved_2026_04_09_0001.${end}`,
      listing: { id: 'legacy', migrated: true, sourceContainer: 'avi' },
    },
    { ...at(39), filename: 20260410 },
    { ...at(40), filename: null },
    { ...at(41), filename: `Last_2026_04_12_0000.${end}` },
  ]
}
