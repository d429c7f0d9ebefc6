import type { Answer } from './answer.ts'

/** What the browser shows in the end. Nothing in it is loaded from anywhere. */
export function pageFor({ error }: Answer): string {
  if (error === 'access_denied') return page('Not allowed', 'The consent was refused, so nothing will be archived.')
  if (error !== undefined)
    return page('It did not work', 'The vendor answered with an error; the command line says which.')
  return page('Thank you', 'The answer has arrived. The command line says how it went on.')
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}: eagleeye-cli</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>${title}</h1>
<p>${text}</p>
<p>You may close this page.</p>
</html>
`
}
