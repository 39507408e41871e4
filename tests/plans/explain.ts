import type pg from "pg"

/** One node of a plan. */
export interface PlanNode {
  readonly "Node Type": string
  readonly "Relation Name"?: string
  readonly "Index Name"?: string
  readonly "Index Cond"?: string
  readonly "Scan Direction"?: string
  readonly "Subplans Removed"?: number
  readonly Plans?: readonly PlanNode[]
}

/** The generic plan, which is the one that the engine's connections use, with every partition that it might look into. */
export async function explain(pool: pg.Pool, text: string): Promise<readonly PlanNode[]> {
  return nodesOf(await pool.query(`explain (generic_plan, format json) ${text}`))
}

/** The same plan as it is left when the values are known. `values` are in SQL. */
export async function explainWith(
  pool: pg.Pool,
  text: string,
  values: readonly string[],
): Promise<readonly PlanNode[]> {
  const client = await pool.connect()
  try {
    await client.query(`prepare examined as ${text}`)
    return nodesOf(await client.query(`explain (format json) execute examined(${values.join(", ")})`))
  } finally {
    await client.query("deallocate all")
    client.release()
  }
}

function nodesOf({ rows }: pg.QueryResult<{ "QUERY PLAN": [{ Plan: PlanNode }] }>): PlanNode[] {
  const [row] = rows
  if (!row) throw new Error("there is no plan")
  const below = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(below)]
  return below(row["QUERY PLAN"][0].Plan)
}
