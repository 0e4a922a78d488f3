import GraphStore
import MillRuntime

extension SummaryDraft {
  /// Step 4: with the forest fixed, the fewest p- and n-edges whose covered cells are nested, by dynamic programming
  /// over pairs of supernodes with an input edge between them. Pairs of trees that had fewer edges keep theirs.
  ///
  /// - Complexity: O(cells log cells), where cells are at most the sum over input edges of the product of the depths
  ///   of their ends. Parallel over trees; the result does not depend on the thread count.
  mutating func reencode(_ graph: CSRGraph, targets: UnsafePointer<UInt32>, context: RunContext) throws(MillError) {
    let layout = ForestLayout(self)
    let old = RootPairEdges(self, root: layout.root, threads: context.threads)
    let offsets = graph.offsets
    var roots: [UInt32] = []
    var chunkEnds: [Int] = []
    var work = 0
    for x in 0..<count where parent[x] == Self.none {
      roots.append(UInt32(x))
      let begin = Int(layout.begin[x])
      for leaf in layout.leaves[begin..<begin + Int(layout.size[x])] {
        work += Int(offsets[Int(leaf) + 1] - offsets[Int(leaf)])
      }
      if work >= 1 << 13 {
        chunkEnds.append(roots.count)
        work = 0
      }
    }
    if chunkEnds.last != roots.count { chunkEnds.append(roots.count) }
    let lists = (0..<chunkEnds.count).map { _ in EdgeList() }
    let workers = max(1, min(context.threads, chunkEnds.count))
    let forest = try LaminarForest(self, layout)
    var scratch: [LaminarEncoder] = []
    for _ in 0..<workers { scratch.append(LaminarEncoder()) }
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      unsafe old.edges.withUnsafeBufferPointer { oldEdges in
        nonisolated(unsafe) let (view, scratch, oldEdges) = unsafe (forest.view, scratch.baseAddress!, oldEdges)
        Parallel.forEach(chunkEnds.count, threads: workers) { chunk, worker in
          for i in (chunk == 0 ? 0 : chunkEnds[chunk - 1])..<chunkEnds[chunk] {
            let r = Int(roots[i])
            let mine = unsafe UnsafeBufferPointer(rebasing: oldEdges[old.offsets[r]..<old.offsets[r + 1]])
            unsafe scratch[worker].encode(
              UInt32(r), view, offsets: offsets.base, targets: targets, old: mine, into: lists[chunk])
          }
        }
      }
    }
    withExtendedLifetime(forest) {}
    let result = EdgeList(capacity: lists.reduce(0) { $0 + $1.count })
    for list in lists {
      try list.checkBudget()
      unsafe result.append(list.base, list.count)
    }
    edges = result
    withExtendedLifetime(graph) {}
  }
}
