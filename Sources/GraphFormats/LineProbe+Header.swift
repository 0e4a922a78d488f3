import MillRuntime

// Whether the first row is a header, and which columns hold what.

extension LineProbe {
  /// Columns counted from 0 must be below this.
  static let columnLimit = 4096

  /// Decides whether the first of `rows` names the columns, and gives the columns their roles.
  mutating func decideHeader(_ rows: [[String]]) throws(MillError) {
    let given = options.columns ?? ColumnRoles()
    for column in [given.source, given.target, given.weight] {
      guard case .number(let number) = column, !(0..<Self.columnLimit).contains(number) else { continue }
      throw MillError(.badOption, "columns must be in 0...\(Self.columnLimit - 1)", field: String(number))
    }
    var roles = HeaderRoles(rows.first ?? [])
    let next = rows.dropFirst().first
    // R writes row names under a header that has no name for them.
    let isShifted = roles.hasEnds && next.map { $0.count == rows[0].count + 1 } ?? false
    if isShifted { roles = roles.shifted() }
    let verdict = try verdict(rows, roles, given)
    switch verdict {
    case .edge: break
    case .doubtful:
      let ends = ends(of: rows[0])
      doubtfulRow = DoubtfulRow(text: rows[0].joined(separator: " "), source: ends[0], target: ends[1])
    case .header, .probableHeader:
      hadHeader = true
      names = isShifted ? [""] + rows[0] : rows[0]
      if verdict == .probableHeader {
        warnings.append(
          "the first row '\(Self.excerpt(rows[0]))' was taken as a header")
        hints.append(Self.headerHint)
      }
    }
    if !hadHeader { roles = HeaderRoles([]) }
    if roles.hasRival, !given.hasBothEnds {
      warnings.append(
        "other columns of the header could be the ends of edges too: '\(names[roles.source!])' and "
          + "'\(names[roles.target!])' were taken")
      hints.append("\(setting: "columns", "source=NAME,target=NAME") chooses")
    }
    try giveRoles(roles, given, rows.dropFirst(hadHeader ? 1 : 0).first)
  }

  private enum Verdict { case header, probableHeader, edge, doubtful }

  private func verdict(
    _ rows: [[String]], _ roles: HeaderRoles, _ given: ColumnRoles
  ) throws(MillError) -> Verdict {
    guard let first = rows.first else {
      if given.needsHeader {
        throw MillError(.badOption, "columns were given by name, but the file has no header row", file: name)
      }
      return .edge
    }
    switch options.header {
    case .yes: return .header
    case .no:
      if given.needsHeader {
        throw MillError(.badOption, "columns are given by name, which needs a header row", file: name)
      }
      return .edge
    case .auto: break
    }
    if given.needsHeader { return .header }
    if claims.isOurs, format != .csv { return .edge }
    let data = Array(rows.dropFirst())
    if roles.hasEnds, given.source == nil || given.target == nil { return named(first, data, roles) }
    return unnamed(first, data, given)
  }

  /// A first row whose names are those of the ends of an edge.
  private func named(_ first: [String], _ data: [[String]], _ roles: HeaderRoles) -> Verdict {
    let columns = [roles.source!, roles.target!]
    let below = data.map { row in columns.compactMap { row.indices.contains($0) ? row[$0] : nil } }
    let shift = data.first.map { $0.count == first.count + 1 } ?? false ? 1 : 0
    let words = columns.compactMap { first.indices.contains($0 - shift) ? first[$0 - shift] : nil }
    if below.contains(where: { !Set($0).isDisjoint(with: words) }) { return .doubtful }
    if roles.isCertain { return .header }
    guard let next = below.first, !next.isEmpty else { return .probableHeader }
    if next.allSatisfy(Self.isInteger), options.ids != .string { return .header }
    // Names such as node1 and node2 above others of the same make are an edge.
    if let stem = roles.stem {
      let alike = below.joined().contains { HeaderRoles.plain($0).filter { !$0.isNumber } == stem }
      if alike { return .doubtful }
    }
    return .probableHeader
  }

  /// A first row of words that nobody knows.
  private func unnamed(_ first: [String], _ data: [[String]], _ given: ColumnRoles) -> Verdict {
    let isDelimited = grammar.separator.mark != nil
    let columns = [given.source, given.target].enumerated().map { place, column in
      if case .number(let number) = column { number } else { place }
    }
    // No node has an empty name: this is the header above a column of row numbers.
    if isDelimited, first.count > 2, first[0].isEmpty, !first[1].isEmpty, !first[2].isEmpty { return .probableHeader }
    let ends = columns.compactMap { first.indices.contains($0) ? first[$0] : nil }
    guard ends.count == 2, let next = data.first else { return .edge }
    let below = columns.compactMap { next.indices.contains($0) ? next[$0] : nil }
    let areWords = ends.allSatisfy(Self.isLabel)
    guard areWords || (isDelimited && ends.contains(where: Self.isLabel)) else { return .edge }
    // A name that occurs again is a node's.
    let later = data.lazy.flatMap { row in columns.compactMap { row.indices.contains($0) ? row[$0] : nil } }
    if later.contains(where: { ends.contains($0) }) { return .edge }
    guard options.ids != .string else { return areWords ? .doubtful : .edge }
    let wantsNumbers = options.ids == .dense || options.ids == .compact
    if wantsNumbers || (below.count == 2 && below.allSatisfy(Self.isInteger)) { return .probableHeader }
    guard areWords else { return .edge }
    // A word above a column of numbers.
    let isAboveNumbers =
      isDelimited
      && first.indices.dropFirst(2).contains { column in
        Self.isLabel(first[column])
          && data.allSatisfy { $0.indices.contains(column) && Double($0[column]) != nil }
      }
    return isAboveNumbers ? .probableHeader : .doubtful
  }

  static func excerpt(_ row: [String]) -> String {
    let text = row.joined(separator: " ")
    return text.count > 60 ? text.prefix(60) + "…" : text
  }

  // MARK: Roles

  private mutating func giveRoles(
    _ roles: HeaderRoles, _ given: ColumnRoles, _ data: [String]?
  ) throws(MillError) {
    // Without names, a column of row numbers is the first one and has no name.
    let isIndexed = hadHeader && names.count > 2 && names[0].isEmpty
    if isIndexed { indexColumns.insert(0) }
    let first = isIndexed && !roles.hasEnds ? 1 : 0
    grammar.sourceColumn = try place(of: given.source) ?? roles.source ?? first
    grammar.targetColumn = try place(of: given.target) ?? roles.target ?? first + 1
    let asked = try place(of: given.weight)
    guard grammar.sourceColumn != grammar.targetColumn || given.hasBothEnds else {
      throw MillError(
        .badOption, "one column would be both ends of an edge", file: name, field: String(grammar.sourceColumn),
        hint: "give both ends with \(setting: "columns", "source=…,target=…")")
    }
    if let column = roles.possibleWeight, options.weights != .no, asked == nil, roles.weight == nil,
      data.map({ $0.indices.contains(column) && Double($0[column]) != nil }) ?? false
    {
      grammar.weightColumn = column
    }
    grammar.weightColumn = try weightColumn(asked ?? roles.weight ?? grammar.weightColumn, given, data)
    try decideDirection(roles, data)
    let used = [grammar.sourceColumn, grammar.targetColumn, grammar.weightColumn, grammar.directionColumn]
    grammar.usedColumns = Set(used.compactMap { $0 }).union(indexColumns).count
    if options.columns?.hasBothEnds ?? false { return }
    let width = max(names.count, data?.count ?? 0)
    if grammar.separator.mark != nil, !grammar.hasAttributes, width > 0 { grammar.fieldLimit = width }
  }

  private func weightColumn(_ named: Int?, _ given: ColumnRoles, _ data: [String]?) throws(MillError) -> Int? {
    guard options.weights != .no, !grammar.hasAttributes else { return nil }
    if let named { return named }
    let isClaimed = (claims.isWeighted ?? false) && (data?.count ?? 0) > 2
    let isPromised = format == .wel && options.columns == nil && !(claims.isOurs && claims.isWeighted != true)
    guard options.weights == .yes || isPromised || isClaimed else { return nil }
    let ends = [grammar.sourceColumn, grammar.targetColumn]
    if !ends.contains(2), ends.allSatisfy({ $0 < 2 }) || options.columns != nil { return 2 }
    let rest = (0..<max(names.count, data?.count ?? 0)).filter { !ends.contains($0) && !indexColumns.contains($0) }
    guard rest.count == 1 else {
      throw MillError(
        .missingField, "no column is called weight", file: name, field: Self.excerpt(names),
        hint: "choose it with \(setting: "columns", "weight=NAME")")
    }
    return rest[0]
  }

  /// Gephi's `Type` and Neo4j's relations.
  private mutating func decideDirection(_ roles: HeaderRoles, _ data: [String]?) throws(MillError) {
    if roles.saysDirected { columnsSayDirected = true }
    guard let column = roles.direction, let data, data.indices.contains(column) else { return }
    let word = data[column].lowercased()
    guard word == "directed" || word == "undirected" else { return }
    columnsSayDirected = word == "directed"
    grammar.directionColumn = column
    if options.isDirected == nil { grammar.directionWord = Array(word.utf8) }
  }

  /// The place of a column that the caller gave.
  private func place(of column: ColumnRoles.Column?) throws(MillError) -> Int? {
    switch column {
    case nil: return nil
    case .number(let number): return number
    case .name(let wanted):
      let plain = wanted.lowercased()
      if let place = names.firstIndex(of: wanted) ?? names.firstIndex(where: { $0.lowercased() == plain }) {
        return place
      }
      throw MillError(
        .badOption, "the header has no column '\(wanted)'", file: name, field: Self.excerpt(names),
        hint: "columns can also be numbers, counted from 0")
    }
  }
}
