import MillRuntime

extension Parameters {
  /// The number of parameters that a share comes to: ceil(share count).
  func count(ofShare share: Double) -> Int { min(layout.count, Int((share * Double(layout.count)).rounded(.up))) }

  /// Sets the `removed` parameters of smallest magnitude to 0: the nearest point of the l0 ball. Of equal magnitudes
  /// those go first that come first in the order of the matrices, row by row.
  ///
  /// - Complexity: O(parameters): three histograms over the bits of the magnitudes; of equal magnitudes at the cut, one
  ///   more pass.
  func project(removing removed: Int, _ math: MatrixMath) {
    guard removed > 0 else { return }
    // What pads the matrices is 0 and goes before all else.
    var rest = removed + layout.stored - layout.count
    var prefix: UInt32 = 0
    var equal = 0
    for (shift, mask) in [(20, 0x7ff), (9, 0x7ff), (0, 0x1ff)] as [(Int32, UInt32)] {
      let counts = histogram(shift, mask, prefix, math)
      var bucket = 0
      while rest > counts[bucket] {
        rest -= counts[bucket]
        bucket += 1
      }
      prefix |= UInt32(bucket) << UInt32(shift)
      equal = counts[bucket]
    }
    guard prefix > 0 else { return }
    let allGo = rest == equal
    let bound = allGo ? prefix + 1 : prefix
    Parallel.forEachRange(of: layout.stored, size: 1 << 14, threads: math.threads) { range, _ in
      unsafe math.kernels.clear_below(values.base + range.lowerBound, Int64(range.count), bound)
    }
    if !allGo { clearFirst(rest, withMagnitude: prefix) }
  }

  private func histogram(_ shift: Int32, _ mask: UInt32, _ prefix: UInt32, _ math: MatrixMath) -> [Int] {
    let size = 1 << 17
    let buckets = Int(mask) + 1
    let chunks = Parallel.chunkCount(layout.stored, size: size)
    var partial = [UInt32](repeating: 0, count: chunks * buckets)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      let base = partial.baseAddress!
      Parallel.forEachRange(of: layout.stored, size: size, threads: math.threads) { range, _ in
        unsafe math.kernels.magnitude_histogram(
          values.base + range.lowerBound, Int64(range.count), shift, mask, prefix,
          base + range.lowerBound / size * buckets)
      }
    }
    var counts = [Int](repeating: 0, count: buckets)
    for chunk in 0..<chunks {
      for bucket in 0..<buckets { counts[bucket] += Int(partial[chunk * buckets + bucket]) }
    }
    return counts
  }

  private func clearFirst(_ count: Int, withMagnitude bits: UInt32) {
    var rest = count
    for block in layout.blocks {
      for row in 0..<block.rows.count {
        for column in 0..<block.columns.count {
          let place = block.place(row, column)
          guard unsafe values.base[place].magnitude.bitPattern == bits else { continue }
          unsafe values.base[place] = 0
          rest -= 1
          if rest == 0 { return }
        }
      }
    }
  }
}
