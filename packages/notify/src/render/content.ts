/** A notice for people, before it is text or HTML. Every text in it is one clean line. */
export interface Content {
  readonly subject: string
  readonly headline: string
  readonly facts: readonly (readonly [label: string, text: string])[]
  readonly tables: readonly Table[]
}

/** The first column is text, the others are set to the right. `list`: all of them are text. */
export interface Table {
  readonly title: string
  readonly list?: true
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** A last line, such as how many rows were left out. */
  readonly foot?: string
}

/** As plain text. */
export function asText({ headline, facts, tables }: Content): string {
  const wide = Math.max(0, ...facts.map(([label]) => label.length))
  const lines = facts.map(([label, text]) => `${`${label}:`.padEnd(wide + 2)}${text}`)
  return `${[headline, lines.join('\n'), ...tables.map(tableText)].filter((part) => part !== '').join('\n\n')}\n`
}

function tableText({ title, head, rows, list, foot }: Table): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.min(48, Math.max(...all.map((row) => (row[column] ?? '').length))))
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const last = column === row.length - 1
        if (column > 0 && !list) return cell.padStart(widths[column] ?? 0)
        return last ? cell : cell.padEnd(widths[column] ?? 0)
      })
      .join('  ')
      .trimEnd(),
  )
  return [title, ...lines, ...(foot ? [foot] : [])].join('\n')
}

/** As a page of HTML without pictures, scripts or anything to load. */
export function asHtml({ subject, headline, facts, tables }: Content): string {
  const factRows = facts.map(
    ([label, text]) => `<tr><th align="left" valign="top">${escaped(label)}</th><td>${escaped(text)}</td></tr>`,
  )
  return [
    '<!doctype html>',
    `<html><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family: sans-serif">',
    `<h2>${escaped(headline)}</h2>`,
    `<table cellpadding="3">${factRows.join('\n')}</table>`,
    ...tables.map(tableHtml),
    '</body></html>',
    '',
  ].join('\n')
}

function tableHtml({ title, head, rows, list, foot }: Table): string {
  const row = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell, column) => `<${tag} align="${list || column === 0 ? 'left' : 'right'}">${escaped(cell)}</${tag}>`).join('')}</tr>`
  return [
    `<h3>${escaped(title)}</h3>`,
    '<table cellpadding="3" border="1" style="border-collapse: collapse">',
    row(head, 'th'),
    ...rows.map((cells) => row(cells, 'td')),
    '</table>',
    ...(foot ? [`<p>${escaped(foot)}</p>`] : []),
  ].join('\n')
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => names[character]!)
}
