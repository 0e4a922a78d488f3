import MillRuntime

/// The stream of weights: few distinct values as a dictionary with adaptive codes, else the planes of their bytes.
///
/// Order: the pairs as in ``SummaryPairs``, for each the copies from the later node, then, where they are told apart,
/// those from the earlier one; then the self-loops of the nodes by number. An undirected graph whose two arcs of an
/// edge weigh the same gives each weight once.
struct SummaryWeights {
  private enum Form {
    static let planes: UInt8 = 1
    /// Both arcs of an undirected edge are written.
    static let eachArc: UInt8 = 2
    /// The dictionary holds whole numbers.
    static let integers: UInt8 = 4
  }
  /// Distinct values above this are written byte by byte.
  private static let dictionaryLimit = 1 << 16

  private let pairs: SummaryPairs
  private let rows: SummaryRows
  private let isDirected: Bool

  init(_ pairs: SummaryPairs, _ rows: SummaryRows, isDirected: Bool) {
    self.pairs = pairs
    self.rows = rows
    self.isDirected = isDirected
  }

  /// Visits the place of each value in the weights of the graph, with the nodes that it joins.
  private func forEach(
    eachArc: Bool, _ body: (_ place: Int, _ later: Int, _ earlier: Int) throws(MillError) -> Void
  ) throws(MillError) {
    try pairs.forEach { pair throws(MillError) in
      for arc in eachArc ? [pair.arc, pair.reversed] : [pair.arc] {
        for copy in unsafe 0..<Int(rows.copies.base[arc]) {
          try unsafe body(Int(rows.starts.base[arc]) + copy, pair.later, pair.earlier)
        }
      }
    }
    for u in 0..<pairs.nodeCount {
      for copy in unsafe 0..<Int(rows.loops.base[u]) { try unsafe body(Int(rows.loopStarts.base[u]) + copy, u, u) }
    }
  }

  // MARK: Writing

  func encode(_ weights: UnsafeBufferPointer<Double>) throws(MillError) -> [UInt8] {
    let eachArc = unsafe isDirected || !isSymmetric(weights)
    var distinct = Set<UInt64>()
    var count = 0
    try forEach(eachArc: eachArc) { place, _, _ throws(MillError) in
      count += 1
      if distinct.count <= Self.dictionaryLimit { unsafe distinct.insert(weights[place].bitPattern) }
    }
    var form = eachArc && !isDirected ? Form.eachArc : 0
    guard distinct.count <= Self.dictionaryLimit, 2 * distinct.count <= count + 16 else {
      form |= Form.planes
      return try unsafe planes(weights, form, count: count, eachArc: eachArc)
    }
    var bytes: [UInt8] = []
    let isWhole = distinct.allSatisfy { Self.integer($0) != nil }
    if isWhole { form |= Form.integers }
    let keys = distinct.sorted { isWhole ? Self.integer($0)! < Self.integer($1)! : $0 < $1 }
    bytes.append(form)
    Self.append(UInt64(keys.count), to: &bytes)
    var last: UInt64 = 0
    for (index, key) in keys.enumerated() {
      let value = isWhole ? UInt64(bitPattern: Int64(Self.integer(key)!)) : key
      // The first one with its sign in the low bit, then the steps upwards.
      Self.append(
        index > 0 ? value &- last : isWhole ? value << 1 ^ UInt64(bitPattern: Int64(bitPattern: value) >> 63) : value,
        to: &bytes)
      last = value
    }
    var numbers: [UInt64: Int] = [:]
    for (index, key) in keys.enumerated() { numbers[key] = index }
    var coder = AdaptiveCoder(size: count)
    var indices = IndexCoder(count: keys.count, nodeCount: pairs.nodeCount)
    try forEach(eachArc: eachArc) { place, x, y throws(MillError) in
      _ = unsafe indices.code(numbers[weights[place].bitPattern] ?? 0, x, y, with: &coder)
    }
    coder.finish()
    return bytes + coder.bytes
  }

  /// Whether the two arcs of every edge have the same weights in the same order.
  private func isSymmetric(_ weights: UnsafeBufferPointer<Double>) -> Bool {
    var isSymmetric = true
    pairs.forEachPair { pair in
      let (a, b) = unsafe (Int(rows.starts.base[pair.arc]), Int(rows.starts.base[pair.reversed]))
      for copy in unsafe 0..<Int(rows.copies.base[pair.arc])
      where unsafe weights[a + copy].bitPattern != weights[b + copy].bitPattern { isSymmetric = false }
    }
    return isSymmetric
  }

  private func planes(
    _ weights: UnsafeBufferPointer<Double>, _ form: UInt8, count: Int, eachArc: Bool
  ) throws(MillError) -> [UInt8] {
    var bytes = [UInt8](repeating: form, count: 1 + 8 * count)
    var index = 0
    try forEach(eachArc: eachArc) { place, _, _ throws(MillError) in
      for byte in 0..<8 {
        bytes[1 + byte * count + index] = unsafe UInt8(
          truncatingIfNeeded: weights[place].bitPattern >> UInt64(8 * byte))
      }
      index += 1
    }
    return bytes
  }

  /// The whole number of a bit pattern; nil for fractions, for -0 and beyond 2^53.
  private static func integer(_ pattern: UInt64) -> Int? {
    let value = Double(bitPattern: pattern)
    guard value.magnitude <= 9_007_199_254_740_992, let whole = Int(exactly: value) else { return nil }
    return Double(whole).bitPattern == pattern ? whole : nil
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value >= 128 {
      bytes.append(UInt8(value & 127 | 128))
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  // MARK: Reading

  /// - Throws: `MillError` of kind `malformed` for bytes that do not fit the rows.
  func decode(_ bytes: [UInt8], into weights: UnsafeMutableBufferPointer<Double>) throws(MillError) {
    guard let form = bytes.first, form < 8 else { throw Self.malformed }
    let eachArc = isDirected || form & Form.eachArc != 0
    if form & Form.planes != 0 {
      try unsafe readPlanes(bytes, eachArc: eachArc, into: weights)
    } else {
      try unsafe readCodes(bytes, form, eachArc: eachArc, into: weights)
    }
    guard unsafe weights.allSatisfy(\.isFinite) else { throw Self.malformed }
    if eachArc { return }
    pairs.forEachPair { pair in
      let (a, b) = unsafe (Int(rows.starts.base[pair.arc]), Int(rows.starts.base[pair.reversed]))
      for copy in unsafe 0..<Int(rows.copies.base[pair.arc]) { unsafe weights[b + copy] = unsafe weights[a + copy] }
    }
  }

  private func count(eachArc: Bool) throws(MillError) -> Int {
    var count = 0
    try forEach(eachArc: eachArc) { _, _, _ throws(MillError) in count += 1 }
    return count
  }

  private func readPlanes(
    _ bytes: [UInt8], eachArc: Bool, into weights: UnsafeMutableBufferPointer<Double>
  ) throws(MillError) {
    let count = try count(eachArc: eachArc)
    guard bytes.count == 1 + 8 * count else { throw Self.malformed }
    var index = 0
    try forEach(eachArc: eachArc) { place, _, _ throws(MillError) in
      var pattern: UInt64 = 0
      for byte in 0..<8 { pattern |= UInt64(bytes[1 + byte * count + index]) << UInt64(8 * byte) }
      unsafe weights[place] = Double(bitPattern: pattern)
      index += 1
    }
  }

  private func readCodes(
    _ bytes: [UInt8], _ form: UInt8, eachArc: Bool, into weights: UnsafeMutableBufferPointer<Double>
  ) throws(MillError) {
    var place = 1
    let entries = try Self.read(bytes, &place)
    guard entries <= UInt64(Self.dictionaryLimit), entries <= UInt64(bytes.count) else { throw Self.malformed }
    var values: [Double] = []
    var last: UInt64 = 0
    for index in 0..<Int(entries) {
      let step = try Self.read(bytes, &place)
      guard form & Form.integers != 0 else {
        last = last &+ step
        values.append(Double(bitPattern: last))
        continue
      }
      last = index > 0 ? last &+ step : step >> 1 ^ (0 &- (step & 1))
      values.append(Double(Int64(bitPattern: last)))
    }
    let count = try count(eachArc: eachArc)
    guard !values.isEmpty || count == 0 else { throw Self.malformed }
    var coder = AdaptiveCoder(Array(bytes[place...]), size: count)
    var indices = IndexCoder(count: values.count, nodeCount: pairs.nodeCount)
    try forEach(eachArc: eachArc) { place, x, y throws(MillError) in
      let index = indices.code(0, x, y, with: &coder)
      guard index < values.count else { throw Self.malformed }
      unsafe weights[place] = values[index]
    }
    guard coder.isAtEnd else { throw Self.malformed }
  }

  private static func read(_ bytes: [UInt8], _ place: inout Int) throws(MillError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard place < bytes.count else { throw malformed }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 127) << UInt64(shift)
      if byte < 128 { return value }
    }
    throw malformed
  }

  private static var malformed: MillError { SummarySide.malformed("weights") }
}

/// Numbers of dictionary entries, bit by bit along a binary tree, with what was last seen at both ends.
private struct IndexCoder {
  private let width: Int
  private var lastOf: [UInt32]
  private var last: UInt32 = 0

  init(count: Int, nodeCount: Int) {
    width = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    lastOf = [UInt32](repeating: 0, count: nodeCount)
  }

  mutating func code(_ index: Int, _ x: Int, _ y: Int, with coder: inout AdaptiveCoder) -> Int {
    let (here, there) = (lastOf[x], lastOf[y])
    var node: UInt32 = 1
    for place in stride(from: width - 1, through: 0, by: -1) {
      let bit = coder.code(
        index >> place & 1, .init(node, last << 16 ^ node, here << 16 ^ node, there << 16 ^ node), set: place)
      node = node << 1 | UInt32(bit)
    }
    let found = node ^ (1 << UInt32(width))
    (last, lastOf[x], lastOf[y]) = (found, found, found)
    return Int(found)
  }
}
