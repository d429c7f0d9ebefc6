/** Archives a minute of a pretend cloud, and dies where it is told to. Started by killed.test.ts. */
import { archive, type Ledger } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { samsara } from '../src/index.ts'

const [baseUrl = '', token = '', into = '', start = '', dies = ''] = process.argv.slice(2)
const real = await openLedger(into)
const die = () => process.kill(process.pid, 'SIGKILL')

const ledger: Ledger = new Proxy(real, {
  get(object, property) {
    if (property !== 'saveNote') return Reflect.get(object, property, object).bind(object)
    return async (...[sourceId, note]: Parameters<Ledger['saveNote']>) => {
      if (dies === 'after the reply' && note.state === 'asked') die()
      await object.saveNote(sourceId, note)
      if (dies === 'before the order' && note.state === 'asking') die()
    }
  },
})
const source = samsara({ baseUrl, token, vehicles: ['Truck 12'], views: ['road', 'driver'] })
const window = { start: Number(start), end: Number(start) + 120_000 }
for await (const event of archive({ source, into, ledger, window, reserveBytes: 0 })) console.log(event.type)
