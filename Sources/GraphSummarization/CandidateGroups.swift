import CMillKernels
import GraphStore
import MillRuntime

/// Disjoint groups of roots with similar neighborhoods, by min-hash (Lee, Ko, Shin, ICDE 2022, section III-B2).
///
/// A root's shingle is the smallest hash in the neighborhoods of its leaves. Roots are split by equal shingle; parts
/// that are still too large are split again with a fresh hash, at most `maximumDepth` times, then cut.
struct CandidateGroups {
  /// Members of all groups back to back.
  private(set) var members: [UInt32] = []
  /// Ends of the groups in ``members``.
  private(set) var ends: [Int] = []

  var count: Int { ends.count }

  func range(_ group: Int) -> Range<Int> { (group == 0 ? 0 : ends[group - 1])..<ends[group] }

  /// Work a chunk of the shingle loop.
  private static let rootsPerChunk = 256

  /// The hash of one split.
  struct Hash {
    let salt: UInt32
    let factor: UInt32

    init(_ stream: RandomStream, iteration: Int, depth: Int) {
      var random = stream.item(UInt64(iteration) << 16 | UInt64(depth))
      let draw = random.next()
      salt = UInt32(truncatingIfNeeded: draw)
      factor = UInt32(truncatingIfNeeded: draw >> 32) | 1
    }
  }

  /// What the order of the roots in parts that no hash splits is drawn from.
  static func cutDraw(_ stream: RandomStream, iteration: Int) -> UInt64 {
    var random = stream.item(UInt64(iteration) << 16 | 0xffff)
    return random.next()
  }

  /// The smallest hash in the neighborhood of each of a range of leaves, from `shingles` on.
  @inline(__always) static func shingles(
    of leaves: Range<Int>, _ hash: Hash, _ offsets: UnsafeBufferPointer<UInt64>, _ targets: UnsafePointer<UInt32>,
    isClosed: Bool, into shingles: UnsafeMutablePointer<UInt32>
  ) {
    unsafe mill_shingles(
      offsets.baseAddress, targets, Int64(leaves.lowerBound), Int64(leaves.upperBound), hash.salt, hash.factor,
      isClosed ? 1 : 0, shingles)
  }

  /// - Parameters:
  ///   - roots: The roots to group, ascending; roots without links have nobody to merge with.
  ///   - firstLeaf: The first leaf of each root's chain of leaves.
  ///   - lastLeaf: The last one.
  ///   - nextLeaf: The leaf that follows in a chain.
  ///   - leafShingles: The shingle of every leaf for the first split, where it is known.
  ///   - isClosed: Whether a node belongs to its own neighborhood.
  ///   - stream: Draws of the run; `iteration` picks its own.
  init(
    roots: [UInt32], firstLeaf: UnsafePointer<UInt32>, lastLeaf: UnsafePointer<UInt32>,
    nextLeaf: UnsafePointer<UInt32>, leafShingles: UnsafePointer<UInt32>? = nil, graph: CSRGraph,
    targets: UnsafePointer<UInt32>, groupCap: Int, maximumDepth: Int, isClosed: Bool, stream: RandomStream,
    iteration: Int, threads: Int
  ) {
    var keys = roots.map { UInt64($0) }
    var other = [UInt64](repeating: 0, count: keys.count)
    var parts = keys.count > 1 ? [0..<keys.count] : []
    let offsets = unsafe graph.offsets.elements
    for depth in 0..<maximumDepth where !parts.isEmpty {
      let hash = Hash(stream, iteration: iteration, depth: depth)
      var pending: [Range<Int>] = []
      unsafe keys.withUnsafeMutableBufferPointer { keys in
        nonisolated(unsafe) let base = keys.baseAddress!
        nonisolated(unsafe) let (firstLeaf, lastLeaf, nextLeaf, targets) = unsafe (
          firstLeaf, lastLeaf, nextLeaf, targets
        )
        nonisolated(unsafe) let known = unsafe depth == 0 ? leafShingles : nil
        var chunks: [Range<Int>] = []
        for part in parts {
          for low in stride(from: part.lowerBound, to: part.upperBound, by: Self.rootsPerChunk) {
            chunks.append(low..<min(part.upperBound, low + Self.rootsPerChunk))
          }
        }
        Parallel.forEach(chunks.count, threads: threads) { chunk, _ in
          for i in chunks[chunk] {
            let root = unsafe base[i] & 0xffff_ffff
            var shingle = UInt32.max
            var leaf = unsafe firstLeaf[Int(root)]
            while leaf != LinkState.none {
              var own = UInt32.max
              if let known = unsafe known {
                own = unsafe known[Int(leaf)]
              } else {
                let leaves = Int(leaf)..<Int(leaf) + 1
                unsafe Self.shingles(of: leaves, hash, offsets, targets, isClosed: isClosed, into: &own)
              }
              shingle = min(shingle, own)
              leaf = unsafe leaf == lastLeaf[Int(root)] ? LinkState.none : nextLeaf[Int(leaf)]
            }
            unsafe base[i] = UInt64(shingle) << 32 | root
          }
        }
        unsafe other.withUnsafeMutableBufferPointer { other in
          for part in parts {
            unsafe sortWords(
              base + part.lowerBound, other.baseAddress! + part.lowerBound, count: part.count, by: 32..<64)
            unsafe split(base, part, groupCap: groupCap, into: &pending)
          }
        }
      }
      parts = pending
    }
    // What is still too large is cut at random.
    let draw = Self.cutDraw(stream, iteration: iteration)
    for part in parts {
      let cut = part.map { keys[$0] & 0xffff_ffff }.map { (CounterRandom.mix(draw ^ $0), UInt32($0)) }.sorted {
        $0 < $1
      }
      for low in stride(from: 0, to: cut.count, by: groupCap) {
        members += cut[low..<min(cut.count, low + groupCap)].map(\.1)
        ends.append(members.count)
      }
    }
  }

  /// Cuts a sorted part at changes of the shingle.
  private mutating func split(
    _ keys: UnsafePointer<UInt64>, _ part: Range<Int>, groupCap: Int, into pending: inout [Range<Int>]
  ) {
    var low = part.lowerBound
    while low < part.upperBound {
      var high = low + 1
      while high < part.upperBound, unsafe keys[high] >> 32 == keys[low] >> 32 { high += 1 }
      if high - low > groupCap {
        pending.append(low..<high)
      } else if high - low > 1 {
        for i in low..<high { unsafe members.append(UInt32(truncatingIfNeeded: keys[i])) }
        ends.append(members.count)
      }
      low = high
    }
  }
}
