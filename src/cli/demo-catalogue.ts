/** A small shop to try things on: three warehouses, six items, and one last mug in Los Angeles to fight over. */
import type { ItemInput, LocationInput } from "../engine/views.ts"

export interface Catalogue {
  readonly locations: readonly LocationInput[]
  readonly items: readonly (ItemInput & {
    /** Units on hand by location code. */
    readonly stock: Readonly<Record<string, number>>
  })[]
}

export const DEMO_CATALOGUE: Catalogue = {
  locations: [
    { code: "LAX", name: "Los Angeles", priority: 1, metadata: { country: "US" } },
    { code: "JFK", name: "New York", priority: 2, metadata: { country: "US" } },
    { code: "ORD", name: "Chicago", priority: 3, metadata: { country: "US" } },
  ],
  items: [
    {
      sku: "CERAMIC-MUG",
      name: "Ceramic mug",
      description: "Stoneware, 350 ml, glazed by hand.",
      metadata: { category: "kitchen" },
      stock: { LAX: 1, JFK: 24, ORD: 12 },
    },
    {
      sku: "ENAMEL-KETTLE",
      name: "Enamel kettle",
      description: "1.6 litres, for every hob.",
      metadata: { category: "kitchen" },
      stock: { LAX: 40, JFK: 15 },
    },
    {
      sku: "LINEN-TOTE",
      name: "Linen tote bag",
      description: "Heavy linen with long handles.",
      metadata: { category: "bags" },
      stock: { LAX: 120, JFK: 80, ORD: 200 },
    },
    {
      sku: "WOOL-BLANKET",
      name: "Wool blanket",
      description: "140 by 200 cm, woven from lambswool.",
      metadata: { category: "home" },
      stock: { JFK: 30, ORD: 45 },
    },
    {
      sku: "OAK-STOOL",
      name: "Oak stool",
      description: "Solid oak, 45 cm high.",
      metadata: { category: "home" },
      stock: { ORD: 9 },
    },
    {
      sku: "NOTEBOOK-A5",
      name: "Notebook, A5",
      description: "160 pages, dotted.",
      metadata: { category: "paper" },
      stock: { LAX: 500, JFK: 500, ORD: 500 },
    },
  ],
}
