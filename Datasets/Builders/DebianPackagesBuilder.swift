public import MillRuntime

/// Makes a graph of a Debian machine's package lists: packages are nodes, dependencies are edges.
///
/// - A node is a package name that some list has. A package that is listed several times (another version in a
///   security archive, another architecture) is one node with the dependencies of all its entries.
/// - An edge joins two packages when one names the other in `Depends` or `Pre-Depends`. Of alternatives (`a | b`) every
///   one that is listed counts; versions and architectures are not looked at; names that only exist as virtual
///   packages, or in no list, are left out. Directions are dropped, repeated edges merge.
/// - The label is the package's section, such as `libs` or `contrib/games`, from its first entry in the order of the
///   lists' file names; `unknown` where it has none.
///
/// Debian 12 with its security archive (amd64) gives about 63,700 nodes, of which 5,600 have no edge, 248,300 edges
/// and 58 labels; the exact figures depend on the lists.
///
/// Source: Debian Policy Manual, chapters 5 (control files) and 7 (relationships).
public enum DebianPackagesBuilder {
  /// Where apt keeps its lists.
  public static let defaultFolder = "/var/lib/apt/lists"

  /// Builds the graph and writes `edges.tsv`, `graph.mtx`, `labels.tsv` and `manifest.json`.
  ///
  /// Lists that apt keeps compressed are decompressed by `apt-helper`. The files appear whole or not at all, the
  /// manifest last; the same lists give the same bytes, compressed or not.
  ///
  /// - Parameters:
  ///   - source: The folder with the files `*_Packages` or `*_Packages.lz4` (gz, zst, xz, bz2, lzma).
  ///   - folder: Where the result goes; created when missing, files in it are replaced.
  /// - Returns: Counts and checksums, as in the manifest.
  /// - Throws: ``MillError``: `no-package-lists` with the hint to run `apt-get update`, `malformed` with file and line
  ///   for a damaged list, `unsupported` for a compressed list on a machine without apt, `cannot-create` or
  ///   `input-output` for the result.
  /// - Complexity: O(bytes + m log m) time; one list's text and about 60 bytes a dependency. One thread.
  public static func build(
    from source: String = defaultFolder, into folder: String
  ) throws(MillError) -> DatasetSummary {
    var reader = DebianPackagesReader()
    for path in try DebianPackageLists.find(in: source) {
      do throws(MillError) {
        try unsafe DebianPackageLists.load(path).withBytes { bytes throws(MillError) in try unsafe reader.read(bytes) }
      } catch { throw error.inFile(path) }
    }
    return try reader.graph().write(about, into: folder)
  }

  private static var about: NamedGraph.Description {
    NamedGraph.Description(
      name: "debian-packages", title: "Debian packages and their dependencies (Depends and Pre-Depends)", remarks: [],
      labelColumns: "section")
  }
}

/// Collects packages and the names they depend on; numbers are given out in the order of appearance.
struct DebianPackagesReader {
  private var numbers: [String: UInt32] = [:]
  private var names: [String] = []
  /// The section of a listed package; nil for a name that was only depended on.
  private var sections: [String?] = []
  private var dependencies: [(source: UInt32, target: UInt32)] = []

  /// Reads the stanzas of one list.
  mutating func read(_ bytes: UnsafeRawBufferPointer) throws(MillError) {
    var stanza = Stanza()
    var lines = unsafe LineCursor(bytes)
    var field = StanzaField.other
    while let range = lines.next() {
      guard range.contains(where: { unsafe bytes[$0] > 32 }) else {
        try unsafe close(&stanza, bytes)
        field = .other
        continue
      }
      if stanza.firstLine == 0 { stanza.firstLine = lines.line }
      let first = unsafe bytes[range.lowerBound]
      var value = range
      if first != 32 && first != 9 {
        guard let colon = range.first(where: { unsafe bytes[$0] == UInt8(ascii: ":") }), colon > range.lowerBound else {
          throw unsafe MillError(
            .malformed, "neither a field nor the continuation of one", line: lines.line,
            byte: range.lowerBound, field: bytes.excerpt(range))
        }
        field = unsafe StanzaField(bytes[range.lowerBound..<colon])
        value = (colon + 1)..<range.upperBound
      } else if stanza.firstLine == lines.line {
        throw MillError(.malformed, "a continuation without a field before it", line: lines.line)
      }
      switch field {
      case .package: stanza.package = unsafe try Self.packageName(bytes, value, lines.line)
      case .section: stanza.section = try unsafe Self.section(bytes, value, lines.line)
      case .depends: stanza.depends.append(value)
      case .other: break
      }
    }
    try unsafe close(&stanza, bytes)
  }

  /// The graph of all that was read.
  func graph() -> NamedGraph {
    let listed = names.indices.filter { sections[$0] != nil }
      .sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
    var node = [Int](repeating: -1, count: names.count)
    for (index, number) in listed.enumerated() { node[number] = index }
    var graph = NamedGraph(names: listed.map { names[$0] }, labels: listed.map { sections[$0]! })
    for (source, target) in dependencies where node[Int(target)] >= 0 {
      graph.join(node[Int(source)], node[Int(target)])
    }
    graph.finish()
    return graph
  }

  private struct Stanza {
    var package: String?
    var section: String?
    var depends: [Range<Int>] = []
    /// The line it begins on; 0 before its first line.
    var firstLine = 0
  }

  private enum StanzaField {
    case package, section, depends, other

    init(_ name: Slice<UnsafeRawBufferPointer>) {
      guard unsafe name.count >= 7, unsafe name.count <= 11 else {
        self = .other
        return
      }
      let lowered = unsafe String(decoding: name.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }, as: UTF8.self)
      switch lowered {
      case "package": self = .package
      case "section": self = .section
      case "depends", "pre-depends": self = .depends
      default: self = .other
      }
    }
  }

  private mutating func close(_ stanza: inout Stanza, _ bytes: UnsafeRawBufferPointer) throws(MillError) {
    guard stanza.firstLine > 0 else { return }
    guard let package = stanza.package else {
      throw MillError(.malformed, "an entry without the field Package", line: stanza.firstLine)
    }
    let source = number(of: package)
    if sections[Int(source)] == nil { sections[Int(source)] = stanza.section ?? "unknown" }
    for range in stanza.depends { unsafe addDependencies(of: source, bytes, range) }
    stanza = Stanza()
  }

  /// `name [(version)] [| name …] , …`: every name counts, wherever it stands.
  private mutating func addDependencies(of source: UInt32, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    var position = range.lowerBound
    while position < range.upperBound {
      var end = position
      while end < range.upperBound, unsafe bytes[end] != UInt8(ascii: ","), unsafe bytes[end] != UInt8(ascii: "|") {
        end += 1
      }
      var start = position
      while start < end, unsafe bytes[start] <= 32 { start += 1 }
      var stop = start
      while stop < end, unsafe Self.isNameByte(bytes[stop]) { stop += 1 }
      if start < stop { unsafe dependencies.append((source, number(of: bytes.text(start..<stop)))) }
      position = end + 1
    }
  }

  private mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    numbers[name] = number
    names.append(name)
    sections.append(nil)
    return number
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func packageName(
    _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>, _ line: Int
  ) throws(MillError) -> String {
    let range = unsafe trimmed(bytes, value)
    guard !range.isEmpty, unsafe bytes[range].allSatisfy(isNameByte) else {
      throw unsafe MillError(
        .malformed, "not a package name", line: line, byte: range.lowerBound, field: bytes.excerpt(range))
    }
    return unsafe bytes.text(range)
  }

  private static func section(
    _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>, _ line: Int
  ) throws(MillError) -> String? {
    let range = unsafe trimmed(bytes, value)
    guard unsafe bytes[range].allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw unsafe MillError(
        .malformed, "not a section", line: line, byte: range.lowerBound, field: bytes.excerpt(range))
    }
    return unsafe range.isEmpty ? nil : bytes.text(range)
  }

  private static func trimmed(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high, unsafe bytes[low] <= 32 { low += 1 }
    while high > low, unsafe bytes[high - 1] <= 32 { high -= 1 }
    return low..<high
  }
}
