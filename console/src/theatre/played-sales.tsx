import type { Sale } from "earmark/client"
import { count, duration, rate } from "../ui/numbers.ts"
import { Panel } from "../ui/panel.tsx"

/** What was played, to compare. */
export function PlayedSales({ played }: { readonly played: readonly Sale[] }) {
  return (
    <Panel title="Played so far">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="overflow-x-auto" aria-label="Table of what was played" tabIndex={0}>
        <table className="w-full text-right text-sm">
          <thead className="text-muted">
            <tr>
              <th scope="col" className="py-1 pr-3 text-left font-medium">
                Strategy
              </th>
              {["Units", "Buyers", "Sold", "Oversold", "A second", "p50", "p99"].map((name) => (
                <th key={name} scope="col" className="px-2 py-1 font-medium whitespace-nowrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {played
              .toReversed()
              .map(({ id, strategy, units, buyers, reserved, books, oversold, perSecond, latency }) => (
                <tr key={id} className="border-t border-line">
                  <th scope="row" className="py-1.5 pr-3 text-left font-medium whitespace-nowrap">
                    {strategy}
                  </th>
                  <td className="px-2">{count(units)}</td>
                  <td className="px-2">{count(buyers)}</td>
                  <td className="px-2">{count(Math.min(units, books?.promised ?? reserved))}</td>
                  <td className={`px-2 font-semibold ${oversold > 0 ? "text-bad" : "text-good"}`}>
                    {count(oversold)}
                  </td>
                  <td className="px-2">{rate(perSecond)}</td>
                  <td className="px-2 whitespace-nowrap">{latency && duration(latency.p50Ms)}</td>
                  <td className="px-2 whitespace-nowrap">{latency && duration(latency.p99Ms)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
    </Panel>
  )
}
