/** One suite for all: every strategy runs the very same cases on a real Postgres, and ends with the laws verified. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type HoldSettings, STRATEGIES, type StrategyName } from "../../src/index.ts"
import { EXCEPTIONS } from "./exceptions.ts"
import { createSubject, type Subject } from "./subject.ts"

export interface SuiteOptions {
  readonly holds?: Partial<HoldSettings>
  /** The suite runs once with each. A pool of one connection hangs whatever takes a second one while it has one. */
  readonly poolSizes?: readonly number[]
}

type Act = () => Promise<void>
export type Cases = Readonly<Record<string, (subject: Subject) => Promise<void>>>
/** A case in two parts: what it makes, and what it does once every short hold of the suite is overdue. */
export type CasesOverTime = Readonly<Record<string, (subject: Subject) => Promise<Act>>>

const POOL_SIZES = [10, 1]

export function conformance(topic: string, cases: Cases, options: SuiteOptions = {}): void {
  forEverySubject(topic, { names: Object.keys(cases), options }, (subject, name) => cases[name]?.(subject()))
}

/** All cases make their holds first, so that they share one wait for the deadlines. */
export function conformanceOverTime(topic: string, cases: CasesOverTime, options: SuiteOptions = {}): void {
  const arranged = new Map<Subject, Map<string, Promise<Act>>>()
  const arrange = async (subject: Subject) => {
    const acts = new Map<string, Promise<Act>>()
    arranged.set(subject, acts)
    for (const [name, begin] of Object.entries(cases)) {
      const act = begin(subject)
      acts.set(name, act)
      // What fails here fails its own case, later on.
      await act.catch(() => undefined)
    }
    await subject.untilOverdue()
  }
  forEverySubject(topic, { names: Object.keys(cases), options, arrange }, async (subject, name) => {
    const act = await arranged.get(subject())?.get(name)
    await act?.()
  })
}

interface Plan {
  readonly names: readonly string[]
  readonly options: SuiteOptions
  readonly arrange?: (subject: Subject) => Promise<void>
}

function forEverySubject(
  topic: string,
  { names, options, arrange }: Plan,
  run: (subject: () => Subject, name: string) => Promise<void> | undefined,
): void {
  const { holds = {}, poolSizes = POOL_SIZES } = options
  const groups = STRATEGIES.flatMap((strategy) => poolSizes.map((poolSize) => ({ strategy, poolSize })))
  describe.each(groups)(`${topic}: $strategy, a pool of $poolSize`, ({ strategy, poolSize }) => {
    let subject: Subject | undefined
    const current = () => {
      if (!subject) throw new Error("the engine under test was not made")
      return subject
    }
    beforeAll(async () => {
      subject = await createSubject({ strategy, poolSize, holds })
      await arrange?.(subject)
    })
    afterAll(() => subject?.close())

    for (const name of names) {
      const reason = exceptionOf(strategy, topic, name)
      if (reason === undefined) test(name, () => run(current, name))
      else test(`${name} (declared exception: ${reason})`, ({ skip }) => skip(reason))
    }
  })

  test(`${topic}: every exception names one of these cases`, () => {
    const named = EXCEPTIONS.filter((exception) => exception.topic === topic).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(named))
  })
}

function exceptionOf(strategy: StrategyName, topic: string, name: string): string | undefined {
  const declared = EXCEPTIONS.find(
    (one) => one.strategy === strategy && one.topic === topic && one.name === name,
  )
  return declared?.reason
}
