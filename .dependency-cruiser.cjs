/** Who may import whom. `scripts/check-layers.mjs` runs this and makes sure that it has seen every file. */

/** The folders of `src/` with what each may import besides itself. */
const LAYERS = {
  core: [],
  broken: [],
  protocol: ["core"],
  config: ["core"],
  telemetry: ["core"],
  client: ["protocol"],
  engine: ["core", "telemetry"],
  postgres: ["core", "engine", "telemetry"],
  redis: ["core", "engine", "telemetry"],
  events: ["core", "engine", "telemetry"],
  worker: ["core", "engine", "telemetry"],
  theatre: ["core", "engine", "telemetry"],
  http: ["core", "engine", "protocol", "telemetry"],
}

/** A package by where it lies, or by its name when it is not installed. */
const PACKAGES = {
  postgres: "(^|/node_modules/|^node_modules/)(pg|@types/pg|drizzle-orm|drizzle-kit)(/|$)",
  redis: "(^|/node_modules/|^node_modules/)(redis|@redis)(/|$)",
  kafka: "(^|/node_modules/|^node_modules/)@platformatic/kafka(/|$)",
}

/** Measures Earmark as its users see it: it is a user of the package, and of the driver, and not a part of it. */
const BENCH = "^src/bench/"

/** The seller that is wrong on purpose: knows nothing of Earmark, and is no part of it either. */
const BROKEN = "^src/broken/"

/** The composition roots: they put the parts together, and nothing else imports them. */
const ROOTS = "^src/(cli/|library/|index\\.ts$)"

/** What a replica needs to be read, none of which can write to it. */
const READING = [
  "^src/postgres/replica/",
  "^src/postgres/(connect|connection|database|faults|reader|rows|statement)\\.ts$",
  "^src/postgres/reads/informing\\.ts$",
]

/** What informs: lists, availability, the feed. */
const INFORMS = ["^src/postgres/(replica|reads|feed)/", "^src/postgres/(reader|store)\\.ts$"]

/** What users of the package can import. */
const EXPORTED = Object.values(require("./package.json").exports)
  .map((entry) => entry["earmark-source"]?.slice("./".length))
  .filter((path) => path !== undefined)
  .map((path) => `^${path.replaceAll(".", "\\.")}$`)

/** Tests put together what they test. */
const TESTS = "\\.test\\.ts$"

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `layer-${layer}`,
  comment:
    `src/${layer} may import ${[...allowed, "itself"].join(", ")}: layers point one way, so that what lies below can ` +
    "be read, tested and changed without knowing what lies above.",
  severity: "error",
  from: { path: `^src/${layer}/`, pathNot: TESTS },
  to: { path: "^(src|tests|bench|scripts|examples)/", pathNot: `^src/(${[layer, ...allowed].join("|")})/` },
}))

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "core-is-pure",
      comment:
        "core decides what may happen, and nothing else: no package, no clock, no I/O, no Node module. That is what " +
        "lets the same decision run in every strategy, in a property test and in a model.",
      severity: "error",
      from: { path: "^src/core/", pathNot: TESTS },
      to: { pathNot: "^src/core/" },
    },
    {
      name: "client-stands-alone",
      comment:
        "The client runs in browsers, where there is no Node, and is all that its users load: of what lies outside of its " +
        "folder it knows the shapes, which are gone when it runs.",
      severity: "error",
      from: { path: "^src/client/", pathNot: TESTS },
      to: { pathNot: "^src/client/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-cycles",
      comment:
        "Two files that need each other, be it for a type, are one file or lack a third one below them.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "postgres-driver-stays",
      comment:
        "Whoever holds a driver can write SQL, and SQL outside src/postgres is not covered by its lock order. The " +
        "composition roots may name the driver's types, to hand a pool on.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/postgres/", BENCH, BROKEN, TESTS] },
      to: {
        path: PACKAGES.postgres,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "postgres-driver-types-stay",
      comment:
        "Below the composition roots not even the driver's types are known: the port in src/engine is enough.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/postgres/", ROOTS, BENCH, BROKEN, TESTS] },
      to: { path: PACKAGES.postgres },
    },
    {
      name: "redis-driver-stays",
      comment:
        "Redis is changed by the scripts of src/redis and nothing else: each is atomic and safe to send twice. What is " +
        "measured beside them has a Redis of its own.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/redis/", "^src/bench/redis/", TESTS] },
      to: { path: PACKAGES.redis },
    },
    {
      name: "kafka-client-stays",
      comment:
        "Which client speaks to Kafka is the business of one folder; it is loaded only where Kafka is configured.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/events/kafka/", TESTS] },
      to: { path: PACKAGES.kafka },
    },
    {
      name: "strategies-are-strangers",
      comment:
        "A strategy is readable from begin to commit in its own file, and can be deleted without a second look.",
      severity: "error",
      from: { path: "^src/postgres/strategies/([^/]+)\\.ts$", pathNot: TESTS },
      to: { path: "^src/postgres/strategies/", pathNot: "^src/postgres/strategies/$1\\.ts$" },
    },
    {
      name: "replicas-never-write",
      comment:
        "A replica may be behind, and may show what the primary does not: it informs, and never decides. What opens and " +
        "reads one knows nothing that writes.",
      severity: "error",
      from: { path: "^src/postgres/replica/", pathNot: TESTS },
      to: { path: "^src/postgres/", pathNot: READING },
    },
    {
      name: "deciders-read-the-primary",
      comment:
        "Whatever decides reads inside of its own transaction, under its locks: it is given a database, and no reader " +
        "that a replica may be behind.",
      severity: "error",
      from: { path: "^src/", pathNot: [...INFORMS, ROOTS, TESTS] },
      to: { path: ["^src/postgres/replica/", "^src/postgres/(reader|reads/informing)\\.ts$"] },
    },
    {
      name: "roots-are-roots",
      comment: "The composition roots put the parts together; a part that imports one is turned inside out.",
      severity: "error",
      from: { path: "^src/", pathNot: [ROOTS, BENCH, TESTS] },
      to: { path: ROOTS },
    },
    {
      name: "source-knows-no-tests",
      comment: "What is shipped must not need what is not.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { path: ["^(tests|bench|scripts|examples)/", TESTS] },
    },
    {
      name: "only-what-is-exported",
      comment: "bench and examples use Earmark as its users do: what they lack, users lack.",
      severity: "error",
      from: { path: ["^(bench|examples)/", BENCH], pathNot: TESTS },
      to: { path: "^src/", pathNot: [...EXPORTED, BENCH, BROKEN] },
    },
    {
      name: "console-sees-the-client",
      comment:
        "The pages run in browsers and know of the service what its client says, as everybody else's pages: what they lack, " +
        "the client lacks.",
      severity: "error",
      from: { path: "^console/" },
      to: { path: "^(src|tests|bench|scripts|examples)/", pathNot: "^src/client/index\\.ts$" },
    },
    {
      name: "nobody-sees-the-console",
      comment: "The pages are built and served as files: what runs in a browser is of no use to a service.",
      severity: "error",
      from: { path: "^(src|tests|bench|examples)/" },
      to: { path: "^console/" },
    },
    {
      name: "bench-is-optional",
      comment:
        "Nobody who runs the service measures with it: only the command that measures knows src/bench.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/cli/", BENCH, TESTS] },
      to: { path: BENCH },
    },
    {
      name: "broken-is-shown-only",
      comment:
        "What sells wrongly on purpose is there to be counted beside what sells rightly: by bench, and by the theatre, which " +
        "the command line puts together.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/cli/", BENCH, BROKEN, TESTS] },
      to: { path: BROKEN },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere hides from every other rule.",
      severity: "error",
      from: {},
      // Its own modules exist inside k6 only.
      to: { couldNotResolve: true, pathNot: "^k6(/|$)" },
    },
    {
      name: "declared",
      comment: "What ships may only need what its users install.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["type-only", "npm-peer"],
      },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^console/dist/" },
    // Imports of types count: they are what couples the files.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["earmark-source", "import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".cjs", ".js", ".json"],
    },
  },
}
