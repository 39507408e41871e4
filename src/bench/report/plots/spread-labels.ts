interface Label {
  readonly at: number
  readonly index: number
}

/**
 * Pushes positions apart until none are closer than `gap`, moving them as little as their neighbours allow, and keeps
 * them between 0 and `length` while there is room. The order stays.
 */
export function spreadLabels(
  positions: readonly number[],
  { gap, length }: { gap: number; length: number },
): number[] {
  const bounded = (start: number, count: number) => Math.max(0, Math.min(start, length - (count - 1) * gap))
  // Neighbours that are too close form a block, which sits around the middle of where its members want to be.
  const blocks: { members: Label[]; start: number }[] = []
  for (const label of positions.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at)) {
    let members: Label[] = [label]
    let start = bounded(label.at, 1)
    for (
      let before = blocks.at(-1);
      before && before.start + before.members.length * gap > start;
      before = blocks.at(-1)
    ) {
      blocks.pop()
      members = [...before.members, ...members]
      start = bounded(middle(members) - ((members.length - 1) * gap) / 2, members.length)
    }
    blocks.push({ members, start })
  }
  const placed: number[] = []
  for (const block of blocks)
    for (const [offset, { index }] of block.members.entries()) placed[index] = block.start + offset * gap
  return placed
}

function middle(labels: readonly Label[]): number {
  return labels.reduce((sum, { at }) => sum + at, 0) / labels.length
}
