import MillRuntime

/// A forest that no longer changes as flat arrays, for the inner loops of the exact re-encoding.
struct LaminarForest {
  /// The forest as plain pointers; valid as long as the forest that it comes from lives.
  @safe struct View {
    let leafCount: UInt32
    let parent: UnsafePointer<UInt32>
    let root: UnsafePointer<UInt32>
    let size: UnsafePointer<UInt32>
    let begin: UnsafePointer<UInt32>
    let leaves: UnsafePointer<UInt32>
    let childCount: UnsafePointer<UInt32>
    let innerChildCount: UnsafePointer<UInt32>
    let childOffsets: UnsafePointer<Int>
    let children: UnsafePointer<UInt32>

    @inline(__always) func isLeaf(_ x: UInt32) -> Bool { x < leafCount }
    /// Whether `x` is `y` or above it, both in one tree.
    @inline(__always) func contains(_ x: UInt32, _ y: UInt32) -> Bool {
      unsafe begin[Int(x)] <= begin[Int(y)] && begin[Int(y)] < begin[Int(x)] &+ size[Int(x)]
        && size[Int(y)] <= size[Int(x)]
    }
  }

  let view: View
  private let words: [SharedArray<UInt32>]
  private let offsets: SharedArray<Int>

  /// - Throws: `MillError` of kind `over-budget`.
  /// - Complexity: O(supernodes), 36 bytes each.
  init(_ draft: SummaryDraft, _ layout: ForestLayout) throws(MillError) {
    let parent = draft.parent
    var childCount = [UInt32](repeating: 0, count: parent.count)
    var innerChildCount = childCount
    for (x, up) in parent.enumerated() where up < SummaryDraft.gone {
      childCount[Int(up)] += 1
      if x >= draft.leafCount { innerChildCount[Int(up)] += 1 }
    }
    var words: [SharedArray<UInt32>] = []
    for array in [
      parent, layout.root, layout.size, layout.begin, layout.leaves, childCount, innerChildCount, layout.children.items,
    ] { words.append(try SharedArray(copying: array)) }
    self.words = words
    offsets = try SharedArray(copying: layout.children.offsets)
    view = unsafe View(
      leafCount: UInt32(draft.leafCount), parent: words[0].base, root: words[1].base, size: words[2].base,
      begin: words[3].base, leaves: words[4].base, childCount: words[5].base, innerChildCount: words[6].base,
      childOffsets: offsets.base, children: words[7].base)
  }
}
