import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take ten times as long as others of their size. */
const long =
  /\/(kill|killed|memory|week|half-hour|two-processes|dst|conformance|interruptions|differential|power|side-by-side|concat|merge)\.test\.ts$/

/** Where no earlier run tells how long files take: the longest come first, so that none of them is waited for at the end. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [
      ...sorted.filter(({ moduleId }) => long.test(moduleId)),
      ...sorted.filter(({ moduleId }) => !long.test(moduleId)),
    ]
  }
}
