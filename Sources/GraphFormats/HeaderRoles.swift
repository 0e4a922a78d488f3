// What the names of a header row say about its columns.

/// The roles of columns by their names, whatever their order and case.
struct HeaderRoles: Equatable {
  private(set) var source: Int?
  private(set) var target: Int?
  private(set) var weight: Int?
  /// A column whose name may mean a weight, if it holds numbers.
  private(set) var possibleWeight: Int?
  /// Gephi's `Type`: each row says whether it is directed.
  private(set) var direction: Int?
  /// Whether the names can hardly be those of nodes.
  private(set) var isCertain = false
  /// What the names have in common but for a number, where they were found by that.
  private(set) var stem: String?
  /// Whether the names belong to relations with a direction (Neo4j's importer).
  private(set) var saysDirected = false
  /// Whether another pair of columns could be the ends as well.
  private(set) var hasRival = false

  /// Whether both ends of an edge were found.
  var hasEnds: Bool { source != nil && target != nil }

  /// Names of both ends that nothing else is called by.
  private static let certainPairs = [
    ("source", "target"), ("src", "dst"), ("src", "dest"), ("src", "target"), ("source", "dest"),
    ("source", "destination"), ("source", "sink"), ("from", "to"), ("fromnode", "tonode"), ("origin", "destination"),
    ("sender", "receiver"), ("sender", "recipient"), ("head", "tail"), ("start", "end"),
  ]
  /// Names that may be those of nodes too.
  private static let doubtfulPairs = [("u", "v"), ("i", "j"), ("row", "col"), ("row", "column")]
  /// What two columns of ids are called with a number or letter behind.
  private static let nodeWords: Set<String> = [
    "id", "node", "nodeid", "vertex", "vertexid", "v", "n", "u", "user", "userid", "person", "personid", "gene",
    "protein", "author", "item", "name", "entity", "member", "station", "page", "city", "word",
  ]
  private static let weightWords: Set<String> = ["weight", "weights", "edgeweight", "wt"]
  private static let possibleWeightWords: Set<String> = ["w", "value", "val", "strength"]
  private static let timeWords = ["date", "time", "year", "month", "day", "stamp", "at", "pos", "position", "offset"]

  /// Roles of the columns called `names`.
  init(_ names: [String]) {
    let plain = names.map(Self.plain)
    findNeo4j(names)
    if !hasEnds { findPair(plain) }
    if !hasEnds { findNumbered(plain) }
    weight = plain.indices.first { Self.weightWords.contains(plain[$0]) && !isEnd($0) }
    possibleWeight = plain.indices.first { Self.possibleWeightWords.contains(plain[$0]) && !isEnd($0) }
    direction = plain.indices.first { plain[$0] == "type" && !isEnd($0) }
  }

  /// The same roles where each row begins with a field that the header has no name for.
  func shifted() -> HeaderRoles {
    var shifted = self
    shifted.source = source.map { $0 + 1 }
    shifted.target = target.map { $0 + 1 }
    shifted.weight = weight.map { $0 + 1 }
    shifted.possibleWeight = possibleWeight.map { $0 + 1 }
    shifted.direction = direction.map { $0 + 1 }
    return shifted
  }

  /// A name in small letters and digits only, without the type that Neo4j puts behind a colon.
  static func plain(_ name: String) -> String {
    let front = name.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? name
    return (front.isEmpty ? name : front).lowercased().filter { $0.isLetter || $0.isNumber }
  }

  private func isEnd(_ index: Int) -> Bool { index == source || index == target }

  /// `:START_ID` and `:END_ID`, with a name before and a group of ids behind.
  private mutating func findNeo4j(_ names: [String]) {
    let upper = names.map { $0.uppercased() }
    guard let start = upper.firstIndex(where: { $0.contains(":START_ID") }),
      let end = upper.firstIndex(where: { $0.contains(":END_ID") })
    else { return }
    (source, target, isCertain, saysDirected) = (start, end, true, true)
  }

  /// The first pair of names that belong together, exactly or with the same text before or behind.
  private mutating func findPair(_ plain: [String]) {
    for (pairs, areCertain) in [(Self.certainPairs, true), (Self.doubtfulPairs, false)] {
      for (from, to) in pairs {
        guard let u = plain.firstIndex(of: from), let v = plain.firstIndex(of: to) else { continue }
        if hasEnds {
          hasRival = hasRival || (u != source && v != target)
        } else {
          (source, target, isCertain) = (u, v, areCertain)
        }
      }
      if hasEnds { return }
    }
    for (from, to) in Self.certainPairs {
      for (u, name) in plain.enumerated() {
        let partner: String
        if name.hasPrefix(from), name != from {
          partner = to + name.dropFirst(from.count)
        } else if name.hasSuffix(from), name != from {
          partner = name.dropLast(from.count) + to
        } else {
          continue
        }
        guard let v = plain.firstIndex(of: partner), !Self.timeWords.contains(where: { name.hasSuffix($0) }) else {
          continue
        }
        (source, target, isCertain) = (u, v, true)
        return
      }
    }
  }

  /// `node1, node2`, `id_a, id_b`, `Person1Id, Person2Id`, or one name of ids twice.
  private mutating func findNumbered(_ plain: [String]) {
    for u in plain.indices {
      for v in plain.indices where v != u {
        guard let stem = Self.stem(plain[u], plain[v]) else { continue }
        guard Self.nodeWords.contains(stem) || stem.hasSuffix("id") || stem.hasSuffix("node") else { continue }
        (source, target, self.stem) = (u, v, stem)
        return
      }
    }
  }

  /// What two names have in common that differ in one place only, 1 against 2 or a against b; nil for other names.
  private static func stem(_ one: String, _ two: String) -> String? {
    if one == two { return one.hasSuffix("id") ? one : nil }
    let (first, second) = (Array(one), Array(two))
    guard first.count == second.count, first.count > 1 else { return nil }
    let places = first.indices.filter { first[$0] != second[$0] }
    guard places.count == 1 else { return nil }
    let place = places[0]
    switch (first[place], second[place]) {
    case ("1", "2"), ("0", "1"): break
    case ("a", "b") where place == first.count - 1: break
    default: return nil
    }
    var stem = first
    stem.remove(at: place)
    return String(stem)
  }
}
