import { packageBuild } from '../../tsup.base.ts'

export default packageBuild({
  index: 'src/index.ts',
  'source-kit': 'src/source-kit.ts',
  conformance: 'src/conformance.ts',
  media: 'src/media.ts',
})
