import MillRuntime

// What stands between two fields, and texts that are no lists of edges.

extension LineProbe {
  /// Tabs where every row has one and both ends of an edge; else commas, semicolons or pipes that every row has; else
  /// what the first row has.
  mutating func decideSeparator(_ rows: [[UInt8]], wasAsked: Bool) {
    grammar.separator = options.separator == .auto ? separatorByContent(rows) : options.separator
    grammar.allowsQuotes = options.honorsQuotes
    // A delimited text whose first row is no pair of integers is CSV.
    if !wasAsked, format == .el, let mark = grammar.separator.mark, mark != 0x09, let first = rows.first {
      let fields = Self.fields(first, grammar.separator, quotes: options.honorsQuotes)
      if fields.prefix(2).contains(where: { !Self.isInteger($0) }) { format = .csv }
    }
  }

  private func separatorByContent(_ rows: [[UInt8]]) -> GraphReadOptions.Separator {
    guard let first = rows.first else { return .blanks }
    let candidates: [GraphReadOptions.Separator] = [.tab, .semicolon, .comma, .pipe]
    var fits: [(separator: GraphReadOptions.Separator, hasIntegers: Bool)] = []
    for candidate in candidates where first.contains(candidate.mark!) {
      let cut = rows.map { Self.fields($0, candidate, quotes: options.honorsQuotes) }
      guard cut.allSatisfy({ $0.count >= 2 }) else { continue }
      // Runs of tabs would be empty fields.
      if candidate == .tab, cut.contains(where: { $0[1].isEmpty || ($0[0].isEmpty && $0.count == 2) }) { continue }
      fits.append((candidate, cut.last!.prefix(2).allSatisfy(Self.isInteger)))
    }
    if let tab = fits.first, tab.separator == .tab { return .tab }
    if let best = fits.first(where: \.hasIntegers) ?? fits.first { return best.separator }
    if format == .csv { return !first.contains(0x2c) && first.contains(0x3b) ? .semicolon : .comma }
    if first.contains(0x09) { return .blanks }
    if first.contains(0x2c) { return .comma }
    return first.contains(0x3b) ? .semicolon : .space
  }

  /// Lines of two ids and a Python dictionary (networkx' `write_edgelist`): takes the dictionaries off the sample.
  mutating func takeAttributesApart(_ sample: inout Sample) {
    guard !claims.isOurs, options.columns == nil, !sample.rows.isEmpty else { return }
    let cuts = sample.rows.map { AttributeText.start(in: $0.bytes) }
    guard cuts.allSatisfy({ $0 != nil }) else { return }
    var hasWeight = false
    for index in sample.rows.indices {
      let line = sample.rows[index]
      hasWeight = hasWeight || AttributeText.value(of: "weight", in: line.bytes[cuts[index]!...]) != nil
      var ids = line.bytes[..<cuts[index]!]
      while let last = ids.last, [0x20, 0x09, 0x2c, 0x3b].contains(last) { ids.removeLast() }
      sample.rows[index] = HeadLine(start: line.start, next: line.next, bytes: Array(ids))
    }
    grammar.hasAttributes = true
    grammar.readsAttributeWeight = options.weights == .yes || (options.weights == .auto && hasWeight)
  }

  /// Refuses a list of neighbors, whose first two fields a row would make a wrong graph.
  func refuseAdjacency(_ rows: [[String]], isWhole: Bool) throws(MillError) {
    guard options.columns == nil, format != .wel, !claims.isOurs else { return }
    let counts = Set(rows.map(\.count))
    guard counts.count > 1, let longest = counts.max(), longest > 2 else { return }
    let nodes = Set(rows.flatMap { $0.prefix(2) })
    let others = rows.lazy.flatMap { $0.dropFirst(2) }
    let areNodes = isWhole && others.allSatisfy { nodes.contains($0) }
    let areMany = counts.count > 2 && others.allSatisfy { Self.isInteger($0) }
    guard areNodes || areMany else { return }
    throw MillError(
      .malformed,
      "rows of \(counts.min()!) to \(longest) fields: this looks like lists of neighbors, a node and its neighbors a row",
      file: name,
      hint:
        "write one edge a line; \(setting: "columns", "source=0,target=1") reads the first two fields of each row all the same"
    )
  }
}

/// A Python dictionary at the end of a line.
enum AttributeText {
  /// Where the braces open that close at the end of the line; nil where the line does not end so, or begins so.
  static func start(in line: [UInt8]) -> Int? {
    unsafe line.withUnsafeBufferPointer { unsafe start(in: $0) }
  }

  /// The same over memory.
  static func start(in line: UnsafeBufferPointer<UInt8>) -> Int? {
    var end = line.count
    while end > 0, unsafe line[end - 1] <= 0x20 { end -= 1 }
    guard end > 0, unsafe line[end - 1] == 0x7d, let open = unsafe line.firstIndex(of: 0x7b), open > 0 else {
      return nil
    }
    return unsafe [0x20, 0x09, 0x2c, 0x3b].contains(line[open - 1]) ? open : nil
  }

  /// The text of the value under `key` at the top level; nil where there is none.
  static func value(of key: String, in text: some Collection<UInt8>) -> [UInt8]? {
    let bytes = Array(text)
    var place = 0
    var depth = 0
    while place < bytes.count {
      switch bytes[place] {
      case 0x7b, 0x5b, 0x28: depth += 1
      case 0x7d, 0x5d, 0x29: depth -= 1
      case 0x22, 0x27:
        let (word, next) = string(bytes, from: place)
        place = next
        var after = place
        while after < bytes.count, bytes[after] == 0x20 { after += 1 }
        if depth == 1, after < bytes.count, bytes[after] == 0x3a, word.elementsEqual(key.utf8) {
          return value(bytes, from: after + 1)
        }
        continue
      default: break
      }
      place += 1
    }
    return nil
  }

  /// The text in quotes at `start` and the place behind it.
  private static func string(_ bytes: [UInt8], from start: Int) -> (text: ArraySlice<UInt8>, next: Int) {
    var place = start + 1
    while place < bytes.count, bytes[place] != bytes[start] { place += bytes[place] == 0x5c ? 2 : 1 }
    let end = min(place, bytes.count)
    return (bytes[start + 1..<max(start + 1, end)], min(end + 1, bytes.count))
  }

  /// The text up to the comma or brace behind it, without blanks around.
  private static func value(_ bytes: [UInt8], from start: Int) -> [UInt8] {
    let rest = bytes[start...]
    let text = rest.prefix { $0 != 0x2c && $0 != 0x7d }.drop { $0 == 0x20 }
    return Array(text.reversed().drop { $0 == 0x20 }.reversed())
  }
}
