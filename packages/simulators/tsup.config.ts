import { packageBuild } from '../../tsup.base.ts'

export default packageBuild({
  index: 'src/index.ts',
  media: 'src/media.ts',
  'axis-timelapse2/index': 'src/axis-timelapse2/index.ts',
  'unifi-protect/index': 'src/unifi-protect/index.ts',
  'eagleeye/index': 'src/eagleeye/index.ts',
  'samsara/index': 'src/samsara/index.ts',
  'reolink/index': 'src/reolink/index.ts',
  'file-server/index': 'src/file-server/index.ts',
  bin: 'src/bin.ts',
})
