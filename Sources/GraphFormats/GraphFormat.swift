import GraphStore
import MillRuntime

/// A file format for graphs: its name, how it is recognized, how it is read and written, and what it can hold.
///
/// ``allCases`` is the table that everything walks which deals with formats: ``readGraph(_:options:context:)`` and
/// ``writeGraph(_:to:options:context:)``, the command's flags, its help, its messages. Each format stands in a file of
/// its own beside its reader and writer. Two formats are equal when their names are.
public struct GraphFormat: Sendable {
  /// The short name, such as `mtx`.
  public let rawValue: String
  /// What the format is called in full.
  public let title: String
  /// Endings of file names, lower case, without the dot; the first one is the usual one.
  public let endings: [String]
  /// What a file can hold of a graph.
  public let holds: Holdings
  /// Whether the first bytes of a file show this format; nil where only the name of a file can tell.
  let recognizes: (@Sendable (FormatHead) -> Bool)?
  /// The number of the first node where nodes have numbers instead of names; nil where they have names.
  let numbering: UInt64?
  let reader: Reader?
  let writer: Writer?

  /// Takes the graph out of a stream.
  typealias Reader = @Sendable (GraphInput) throws(MillError) -> GraphReading
  /// Puts a graph into a file.
  typealias Writer = @Sendable (GraphOutput) throws(MillError) -> Void

  /// Whether files of this format can be read.
  public var isRead: Bool { reader != nil }
  /// Whether files of this format can be written.
  public var isWritten: Bool { writer != nil }

  init(
    _ name: String, _ title: String, endings: [String], holds: Holdings, numbering: UInt64? = nil,
    recognizes: (@Sendable (FormatHead) -> Bool)? = nil, reader: Reader? = nil, writer: Writer? = nil
  ) {
    rawValue = name
    self.title = title
    self.endings = endings
    self.holds = holds
    self.numbering = numbering
    self.recognizes = recognizes
    self.reader = reader
    self.writer = writer
  }

  /// Properties of graphs that a format has room for.
  public struct Holdings: OptionSet, Sendable {
    /// One bit a property.
    public let rawValue: Int
    /// Properties by their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Arcs with a direction.
    public static let directed = Holdings(rawValue: 1 << 0)
    /// Edges without a direction, so that a reader knows that they have none.
    public static let undirected = Holdings(rawValue: 1 << 1)
    /// A real weight an edge.
    public static let weights = Holdings(rawValue: 1 << 2)
    /// The names of nodes, at least all unsigned integers.
    public static let names = Holdings(rawValue: 1 << 3)
    /// Names that are any text.
    public static let labels = Holdings(rawValue: 1 << 4)
    /// Nodes without edges.
    public static let isolatedNodes = Holdings(rawValue: 1 << 5)
    /// Edges from a node to itself.
    public static let loops = Holdings(rawValue: 1 << 6)
    /// Several edges between the same two nodes.
    public static let parallelEdges = Holdings(rawValue: 1 << 7)
    /// Weights that are whole and positive, of at most 31 bits.
    public static let wholeWeights = Holdings(rawValue: 1 << 8)
    /// No edge without a weight.
    public static let alwaysWeighted = Holdings(rawValue: 1 << 9)
    /// Directions, of which the file does not tell whether they are meant.
    public static let untoldDirection = Holdings(rawValue: 1 << 10)
    /// All that a graph has.
    public static let everything: Holdings = [
      .directed, .undirected, .weights, .names, .labels, .isolatedNodes, .loops, .parallelEdges,
    ]
  }
}

extension GraphFormat: RawRepresentable, CaseIterable, Hashable, Codable, CustomStringConvertible {
  /// The format of this name; nil when there is none.
  public init?(rawValue: String) {
    guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = format
  }

  /// Whether both have one name.
  public static func == (one: GraphFormat, other: GraphFormat) -> Bool { one.rawValue == other.rawValue }
  /// Feeds the name to `hasher`.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
  /// The short name.
  public var description: String { rawValue }

  /// All formats, in the order in which their readers look at a file.
  public static let allCases: [GraphFormat] = [
    el, wel, csv, mtx, gmg, metis, graphml, gml, pajek, gr, json, ncol, lgl, lg, graph6, npy, npz, sg, wsg, dot, gexf,
  ]

  /// The format that the ending of a file name stands for, of those that fit; nil when there is none.
  static func named(by path: String, where fits: (GraphFormat) -> Bool) -> GraphFormat? {
    let ending = fileExtension(path)
    return allCases.first { fits($0) && $0.endings.contains(ending) }
  }

  /// The formats that can be read, or written, as a list for messages and help.
  public static func list(where fits: (GraphFormat) -> Bool) -> String {
    allCases.filter(fits).map(\.rawValue).joined(separator: ", ")
  }
}

/// The beginning of a file, as far as it is looked at to find its format.
struct FormatHead {
  /// Bytes that are looked at.
  static let length = 4096
  /// The first bytes, without a byte order mark.
  let bytes: ArraySlice<UInt8>
  /// The ending of the file's name, lower case.
  let ending: String
  /// The text behind leading blanks and line ends, lower case.
  let text: String

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    ending = fileExtension(path)
    text = String(decoding: self.bytes.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }, as: UTF8.self).lowercased()
  }

  /// Whether the file begins with these bytes.
  func starts(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }
  /// Whether the file begins with this text.
  func starts(_ magic: String) -> Bool { bytes.starts(with: magic.utf8) }

  /// The name of the first element of an XML document, lower case, without its prefix; nil where this is no XML.
  var xmlRoot: String? {
    var rest = Substring(text)
    guard rest.first == "<" else { return nil }
    while rest.first == "<" {
      let end: String
      if rest.hasPrefix("<?") {
        end = "?>"
      } else if rest.hasPrefix("<!--") {
        end = "-->"
      } else if rest.hasPrefix("<!") {
        end = ">"
      } else {
        let name = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || "_-.:".contains($0) }
        return name.isEmpty ? nil : String(name.split(separator: ":").last ?? name)
      }
      guard let stop = rest.firstRange(of: end) else { return "" }
      rest = rest[stop.upperBound...].drop { $0.isWhitespace }
    }
    return nil
  }
}

/// What a reader gets.
struct GraphInput {
  let stream: ByteStream
  /// The name of the file.
  let path: String
  /// The format that was asked for or recognized; nil for a text that nothing is known of.
  let format: GraphFormat?
  let options: GraphReadOptions
  let context: RunContext
}

/// What a writer gets.
struct GraphOutput {
  let graph: CSRGraph
  let format: GraphFormat
  let file: OutputFile
  let options: GraphWriteOptions
  let context: RunContext
}
