/// Watches numbers become 32-bit floats: how much of a column's range is lost, and which rows become equal.
///
/// A rounding of 2^-24 does no harm as long as the values of a column differ by much more. Where all values lie far
/// from 0, as seconds since 1970 do, it may be all there is.
struct NarrowingLoss {
  private var low: [Double]
  private var high: [Double]
  private var worst: [Double]
  /// Hashes of every row before and after.
  private var hashes: [(narrow: UInt64, wide: UInt64)] = []
  private var isExact = true

  /// Columns that are watched: the first 2^20, so that the memory stays bounded.
  init(columns: Int) {
    let watched = min(columns, 1 << 20)
    low = [Double](repeating: .infinity, count: watched)
    high = [Double](repeating: -.infinity, count: watched)
    worst = [Double](repeating: 0, count: watched)
  }

  /// Looks at the values of the next row.
  mutating func add(_ row: Int, _ value: (_ column: Int) -> Double) {
    var narrow: UInt64 = 0x9e37_79b9_7f4a_7c15
    var wide = narrow
    for i in low.indices {
      let x = value(i)
      let y = Double(Float(x))
      low[i] = min(low[i], x)
      high[i] = max(high[i], x)
      if x != y {
        isExact = false
        worst[i] = max(worst[i], abs(x - y))
      }
      narrow = Self.mix(narrow, y.bitPattern)
      wide = Self.mix(wide, x.bitPattern)
    }
    hashes.append((narrow, wide))
  }

  private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return product.high ^ product.low &+ 0x2545_f491_4f6c_dd1d
  }

  /// Notes the largest loss, and warns where it matters.
  func report(to report: inout VectorReadReport, from type: String) {
    if isExact { return }
    var column = 0
    for i in low.indices {
      let range = high[i] - low[i]
      let share = range > 0 ? min(1, worst[i] / range) : 0
      if share > report.largestLoss { (report.largestLoss, column) = (share, i) }
    }
    let merged = mergedRows
    guard merged > 0 || report.largestLoss > 0x1p-12 else { return }
    let digits = (report.largestLoss * 100 * 1000).rounded() / 1000
    report.warnings.append(
      "vectors are kept as 32-bit floats: of \(type) values up to \(digits)% of a column's range is lost "
        + "(column \(column))" + (merged > 0 ? ", and \(merged) rows become equal to others" : ""))
  }

  /// Rows that differ from an earlier one and no longer do.
  private var mergedRows: Int {
    let sorted = hashes.sorted { ($0.narrow, $0.wide) < ($1.narrow, $1.wide) }
    return zip(sorted, sorted.dropFirst()).count { $0.narrow == $1.narrow && $0.wide != $1.wide }
  }
}
