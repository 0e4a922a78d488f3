import MillRuntime

// The fast loops: whole chunks of lines that hold two ids and nothing unusual.

extension ChunkParser {
  // MARK: Lines of two integers

  /// The fast loop: `digits separator digits [separator decimal] LF`; any other line goes through ``line(_:_:)``.
  func plainLines<ID: FixedWidthInteger & UnsignedInteger>(_: ID.Type) throws(LineFailure) {
    let end = unsafe chunk.end
    var text = unsafe chunk.start
    let allowsTab = grammar.separator == .blanks
    let mark = grammar.separator.mark ?? 0
    let out = unsafe UnsafeMutableRawPointer(ids.base).assumingMemoryBound(to: ID.self)
    let weightOut = unsafe weights?.base
    let lowest = grammar.refusesNegativeWeights ? 0 : -Double.infinity
    var filled = 0
    var lines = 0
    var zeros = false
    defer { result.lines += lines }
    while unsafe text < end {
      let start = unsafe text
      fast: do {
        var u: UInt64 = 0
        var v: UInt64 = 0
        guard unsafe Self.integer(&text, &u, &zeros) else { break fast }
        guard unsafe Self.skip(&text, mark, allowsTab), unsafe Self.integer(&text, &v, &zeros) else { break fast }
        if let weightOut = unsafe weightOut {
          guard unsafe Self.skip(&text, mark, allowsTab), let weight = unsafe Self.decimal(&text), weight >= lowest
          else {
            break fast
          }
          unsafe weightOut[filled &>> 1] = weight
        }
        guard unsafe text.pointee == 0x0a, unsafe text < end, unsafe text - start <= LineGrammar.longestLine else {
          break fast
        }
        unsafe text += 1
        if ID.self == UInt32.self, (u | v) > UInt64(UInt32.max) { throw .needsWideIDs }
        unsafe out[filled] = ID(truncatingIfNeeded: u)
        unsafe out[filled &+ 1] = ID(truncatingIfNeeded: v)
        filled &+= 2
        lines &+= 1
        continue
      }
      count = filled / 2
      result.lines += lines
      lines = 0
      unsafe text = try unsafe line(start, end)
      result.lines += 1
      filled = 2 * count
    }
    count = filled / 2
    if zeros { sawLeadingZero = true }
    if grammar.restrictsIDs { try unsafe restrict(out) }
  }

  /// Applies the grammar's conditions to all ids at once; a violation sends the chunk through ``line(_:_:)``,
  /// which names its place.
  func restrict<ID: FixedWidthInteger & UnsignedInteger>(_ ids: UnsafeMutablePointer<ID>) throws(LineFailure) {
    let grammar = self.grammar
    let lowest = max(grammar.base, grammar.smallest)
    for i in 0..<count {
      let u = unsafe UInt64(ids[2 * i])
      let v = unsafe UInt64(ids[2 * i + 1])
      let isFine =
        u >= lowest && v >= lowest && u <= grammar.largestSource && v <= grammar.largestTarget
        && !(grammar.isLowerTriangle && v > u) && !(u == v && (grammar.refusesDiagonal || grammar.refusesLoops))
      let shifted = v &- grammar.base &+ grammar.targetShift
      guard isFine, shifted <= UInt64(ID.max) else { throw .needsEveryCheck }
      unsafe ids[2 * i] = ID(truncatingIfNeeded: u &- grammar.base)
      unsafe ids[2 * i + 1] = ID(truncatingIfNeeded: shifted)
    }
  }

  /// Moves `text` over one `mark` and spaces behind it, or for no mark over one blank or more; false where there is none.
  @inline(__always)
  static func skip(_ text: inout UnsafePointer<UInt8>, _ mark: UInt8, _ allowsTab: Bool) -> Bool {
    if mark != 0 {
      guard unsafe text.pointee == mark else { return false }
      unsafe text += 1
      while unsafe text.pointee == 0x20 { unsafe text += 1 }
      return true
    }
    let start = unsafe text
    while unsafe text.pointee == 0x20 || (text.pointee == 0x09 && allowsTab) { unsafe text += 1 }
    return unsafe text > start
  }

  /// A decimal of at most 15 digits, which one division makes exact (``FloatParser``); nil for anything else.
  @inline(__always)
  static func decimal(_ text: inout UnsafePointer<UInt8>) -> Double? {
    let isNegative = unsafe text.pointee == 0x2d
    if isNegative { unsafe text += 1 }
    let start = unsafe text
    var digits: UInt64 = 0
    while unsafe text.pointee &- 0x30 < 10 {
      digits = unsafe digits &* 10 &+ UInt64(text.pointee &- 0x30)
      unsafe text += 1
    }
    var count = unsafe text - start
    var scale = 0
    if unsafe text.pointee == 0x2e {
      unsafe text += 1
      let point = unsafe text
      while unsafe text.pointee &- 0x30 < 10 {
        digits = unsafe digits &* 10 &+ UInt64(text.pointee &- 0x30)
        unsafe text += 1
      }
      scale = unsafe text - point
      count += scale
    }
    guard count >= 1, count <= 15 else { return nil }
    let value = scale == 0 ? Double(digits) : Double(digits) / FloatParser.powersOfTen[scale]
    return isNegative && digits != 0 ? -value : value
  }

  /// Up to 15 digits at `text`; false (with `text` moved) when there are none or more.
  @inline(__always)
  static func integer(_ text: inout UnsafePointer<UInt8>, _ value: inout UInt64, _ zeros: inout Bool) -> Bool {
    let first = unsafe Digits.load(text)
    let run = Digits.run(first)
    if run == 0 { return false }
    if first & 0xff == 0x30, run > 1 { zeros = true }
    value = Digits.value(first, run)
    unsafe text += run
    if run == 8 {
      let second = unsafe Digits.load(text)
      let more = Digits.run(second)
      if more == 8 { return false }
      if more > 0 {
        value = value &* Self.powersOfTen[more] &+ Digits.value(second, more)
        unsafe text += more
      }
    }
    return true
  }

  static let powersOfTen: InlineArray<9, UInt64> = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  // MARK: Lines of two labels

  /// The fast loop: `label separator label LF`, ASCII, no quotes; any other line goes through ``line(_:_:)``.
  func plainLabels() throws(LineFailure) {
    let end = unsafe chunk.end
    let base = unsafe chunk.start
    var text = unsafe base
    let allowsTab = grammar.separator != .space
    // Between tabs, spaces are part of a label.
    let isTab = grammar.separator == .tab
    let lowest: UInt64 = isTab ? 0x2020_2020_2020_2020 : 0x2121_2121_2121_2121
    let quote: UInt8 = grammar.allowsQuotes ? 0x22 : 0x23
    let out = unsafe labels.base
    let allowsBytes = grammar.allowsByteLabels
    var filled = 0
    var lines = 0
    defer { result.lines += lines }
    while unsafe text < end {
      let start = unsafe text
      fast: do {
        guard unsafe start.pointee != 0x23, unsafe start.pointee != 0x25, unsafe start.pointee != quote else {
          break fast
        }
        var isASCII = true
        let first = unsafe Self.label(&text, lowest, &isASCII)
        guard first > 0, unsafe text.pointee == 0x20 || (text.pointee == 0x09 && allowsTab) else { break fast }
        unsafe text += 1
        if isTab {
          guard unsafe start.pointee != 0x20, unsafe text[-2] != 0x20 else { break fast }
        } else {
          while unsafe text.pointee == 0x20 || (text.pointee == 0x09 && allowsTab) { unsafe text += 1 }
        }
        let second = unsafe text
        guard unsafe second.pointee != quote else { break fast }
        let count = unsafe Self.label(&text, lowest, &isASCII)
        if isTab { guard unsafe second.pointee != 0x20, unsafe text[-1] != 0x20 else { break fast } }
        guard count > 0, unsafe text.pointee == 0x0a, unsafe text < end, isASCII || allowsBytes else { break fast }
        guard unsafe text - start <= LineGrammar.longestLine else { break fast }
        guard first <= LineGrammar.longestLabel, count <= LineGrammar.longestLabel else { break fast }
        unsafe out[filled] = LabelKey(start, first, text: base)
        unsafe out[filled &+ 1] = LabelKey(second, count, text: base)
        filled &+= 2
        lines &+= 1
        unsafe text += 1
        continue
      }
      count = filled / 2
      result.lines += lines
      lines = 0
      unsafe text = try unsafe line(start, end)
      result.lines += 1
      filled = 2 * count
    }
    count = filled / 2
  }

  /// Moves `text` behind a run of bytes not below those of `lowest` (eight times the same) and returns its length.
  @inline(__always)
  static func label(_ text: inout UnsafePointer<UInt8>, _ lowest: UInt64, _ isASCII: inout Bool) -> Int {
    let start = unsafe text
    var high: UInt64 = 0
    while true {
      let eight = unsafe Digits.load(text)
      // The lowest byte that is too small has its high bit set here; bytes from 0x80 on never have.
      let stops = (eight &- lowest) & ~eight & 0x8080_8080_8080_8080
      if stops != 0 {
        let run = stops.trailingZeroBitCount &>> 3
        high |= eight & (1 &<< UInt64(8 &* run) &- 1)
        if high & 0x8080_8080_8080_8080 != 0 { isASCII = false }
        unsafe text += run
        return unsafe text - start
      }
      high |= eight
      unsafe text += 8
    }
  }
}
