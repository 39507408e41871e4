/** What came of checking the laws of the books. */

export interface VerifiedLaw {
  readonly id: string
  readonly law: string
  readonly holds: boolean
  /** Rows that break it, as far as they were counted. */
  readonly violations: number
  /** The first few of them. */
  readonly samples: readonly Readonly<Record<string, unknown>>[]
}

export interface Verification {
  readonly at: Date
  readonly durationMs: number
  /** Of whom checked. */
  readonly version: string
  readonly laws: readonly VerifiedLaw[]
}
