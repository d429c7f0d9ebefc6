import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { concat, type Ffmpeg, findFfmpeg } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { makeClip, scratch } from './media.ts'

const [[, real]] = (await ffmpegs()) as [[string, Ffmpeg]]

it('says in whole sentences that ffmpeg was killed', async () => {
  const folder = await scratch()
  const path = join(folder, 'ffmpeg.sh')
  await writeFile(path, `#!/bin/sh\ncase "$*" in *concat*) kill -9 $$;; esac\nexec '${real.path}' "$@"\n`)
  await chmod(path, 0o755)
  const clips = [await makeClip(join(folder, 'a.mp4'), { seconds: 1 })]
  const killed = concat({ clips, into: join(folder, 'all.mp4'), ffmpeg: await findFfmpeg({ path }) })
  await expect(killed).rejects.toThrow(/was killed with signal SIGKILL\. The inputs are as they were\./)
})
