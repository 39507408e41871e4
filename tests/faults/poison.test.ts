import { expect, test } from "vitest"
import { POSTGRES_STRATEGIES } from "../../src/index.ts"
import { answerAll, type Call, countOutcomes } from "../support/calls.ts"
import { expectDrains } from "../support/drain.ts"
import { createTestEngine, stock } from "../support/engine.ts"
import { expectIdle } from "../support/idle.ts"

const POISONS = {
  "a check": `alter table earmark.reservations add constraint no_poison check (customer_id <> 'poison')`,
  "a trigger": `
    create function earmark.refuse_poison() returns trigger language plpgsql as $$
    begin raise exception 'poison'; end $$;
    create trigger no_poison before insert on earmark.reservations for each row when (new.customer_id = 'poison')
      execute function earmark.refuse_poison()`,
  "a trigger at commit": `
    create function earmark.refuse_poison() returns trigger language plpgsql as $$
    begin raise exception 'poison'; end $$;
    create constraint trigger no_poison after insert on earmark.reservations deferrable initially deferred
      for each row when (new.customer_id = 'poison') execute function earmark.refuse_poison()`,
}
const CASES = POSTGRES_STRATEGIES.flatMap((strategy) =>
  Object.entries(POISONS).map(([what, sql]) => ({ strategy, what, sql })),
)

test.each(CASES)(
  "$strategy: what $what refuses fails alone, its neighbours succeed",
  async ({ strategy, sql }) => {
    const t = await createTestEngine({ strategy })
    await stock(t.engine, "MUG", { LAX: 40 })
    await t.pool.query(sql)
    const calls = Array.from({ length: 30 }, (_, index): Call => {
      const lines = [{ sku: "MUG", quantity: 1 }]
      return { kind: "reserve", request: { lines, customerId: index % 10 === 7 ? "poison" : `c-${index}` } }
    })
    const answers = await answerAll(t.engine, calls)
    expect(countOutcomes(answers)).toEqual({ reserved: 27, internal: 3 })
    for (const [index, { outcome, notApplied }] of answers.entries()) {
      if (index % 10 === 7) expect({ outcome, notApplied }).toEqual({ outcome: "internal", notApplied: true })
    }
    expect(await t.engine.availability("MUG")).toMatchObject({ held: 27 })
    await expectDrains(t.engine, "MUG", 40)
    await expectIdle(t.pool, t.pool)
    await t.close()
  },
)
