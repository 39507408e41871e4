import { expect, test } from "vitest"
import { DeliveryQueue, type QueuedDelivery } from "./delivery-queue.ts"

function queueOf(...lines: string[]): DeliveryQueue<QueuedDelivery> {
  const queue = new DeliveryQueue<QueuedDelivery>()
  for (const [index, skus] of lines.entries())
    queue.add({ id: index + 1, skus: skus.split(" ").filter(Boolean) }, 0)
  return queue
}

function takeAll(queue: DeliveryQueue<QueuedDelivery>, nowMs = 0): number[] {
  const taken: number[] = []
  for (let next = queue.take(nowMs); next; next = queue.take(nowMs)) taken.push(next.id)
  return taken
}

test("of each item one at a time, in order; of several items once it is the first of each", () => {
  const queue = queueOf("A", "A B", "B", "C", "B C")
  expect(takeAll(queue)).toEqual([1, 4])
  queue.settle(4)
  expect(takeAll(queue)).toEqual([])
  queue.settle(1)
  expect(takeAll(queue)).toEqual([2])
  queue.settle(2)
  expect(takeAll(queue)).toEqual([3])
  queue.settle(3)
  expect(takeAll(queue)).toEqual([5])
  queue.settle(5)
  expect(queue.size).toBe(0)
})

test("what is put back keeps its place before the others of its items, until it is due", () => {
  const queue = queueOf("A", "A", "B")
  expect(takeAll(queue)).toEqual([1, 3])
  queue.putBack(1, 100)
  queue.settle(3)
  expect([takeAll(queue, 99), queue.nextDueMs()]).toEqual([[], 100])
  expect(takeAll(queue, 100)).toEqual([1])
  expect(queue.nextDueMs()).toBe(null)
})

test("without items nothing waits for anything", () => {
  expect(takeAll(queueOf("", "A", "", "A"))).toEqual([1, 2, 3])
})

test("what is under way stays before what is added after everything else was forgotten", () => {
  const queue = queueOf("A", "A", "B")
  expect(queue.take(0)?.id).toBe(1)
  queue.clear((id) => id === 1)
  expect([queue.has(1), queue.has(2), queue.has(3)]).toEqual([true, false, false])
  queue.add({ id: 2, skus: ["A"] }, 0)
  queue.add({ id: 3, skus: ["B"] }, 0)
  expect(takeAll(queue)).toEqual([3])
  queue.settle(1)
  expect(takeAll(queue)).toEqual([2])
})

test("an item that was settled out of its line, or twice, changes nothing for the others", () => {
  const queue = queueOf("A", "A", "A")
  queue.settle(2)
  queue.settle(2)
  expect(takeAll(queue)).toEqual([1])
  queue.settle(1)
  expect(takeAll(queue)).toEqual([3])
})
