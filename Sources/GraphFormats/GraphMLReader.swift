internal import CExpat
import GraphStore
public import MillRuntime

extension GraphFormat {
  /// GraphML: nodes, edges and the weights of edges.
  public static let graphml = GraphFormat(
    "graphml", "GraphML", endings: ["graphml", "xml"], holds: .everything,
    recognizes: { $0.xmlRoot == "graphml" }, reader: { input throws(MillError) in try readGraphML(input) },
    writer: { output throws(MillError) in try writeGraphML(output) })
}

/// Reads GraphML as a stream: node ids are names, the attribute `weight` of edges is their weight, with its default.
///
/// Edges may say that they are directed or not, as long as all agree. Refused: nested graphs, hyperedges, ports, a
/// second graph, entities (so that nothing outside the file is read and nothing expands), elements deeper than 64.
///
/// - Source: Brandes, Eiglsperger, Lerner, GraphML Primer, 2004.
private func readGraphML(_ input: GraphInput) throws(MillError) -> GraphReading {
  let parser = try GraphMLParser(input.options)
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  defer { unsafe room.deallocate() }
  input.context.progress?.begin("parse", total: input.stream.sourceSize, unit: .bytes)
  defer { input.context.progress?.end() }
  while true {
    try input.context.checkCancelled()
    let got = try unsafe input.stream.read(into: room)
    input.context.progress?.advance(by: got)
    try unsafe parser.parse(UnsafeRawBufferPointer(rebasing: room[..<got]), isLast: got < room.count)
    if got < room.count { break }
  }
  var report = GraphReadReport()
  report.lines = parser.line
  return try input.finish(try parser.finish(), report)
}

/// What stands in a GraphML document, fed by expat.
@safe private final class GraphMLParser {
  private let parser: XML_Parser
  private let options: GraphReadOptions
  private var failure: MillError?
  private var fed = 0

  private var names = NameTable()
  private var declared = DeclaredNodes()
  private var edges = EdgeCollector()
  private var direction: Bool?
  /// Edges that say for themselves that they are directed, or not.
  private var overrides = (directed: 0, undirected: 0)

  /// Elements that are open, outermost first, by their local names.
  private var path: [String] = []
  private var graphs = 0
  private var weightKey: String?
  private var weightDefault: Double?
  /// The key whose default is being read.
  private var openKey: String?
  private var edge: (source: UInt32, target: UInt32, weight: Double?)?
  /// Text of the element that is being read, where it matters.
  private var text: [UInt8]?

  private static let depthLimit = 64
  /// Bytes that one token, such as a tag with its attributes, may have.
  private static let tokenLimit = 1 << 20

  init(_ options: GraphReadOptions) throws(MillError) {
    self.options = options
    guard let parser = unsafe XML_ParserCreate(nil) else {
      throw MillError(.overBudget, "no memory for the XML parser")
    }
    unsafe self.parser = parser
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    unsafe XML_SetElementHandler(
      parser,
      { user, name, attributes in
        let me = unsafe Unmanaged<GraphMLParser>.fromOpaque(user!).takeUnretainedValue()
        me.guarded { me throws(MillError) in try unsafe me.begin(localName(name!), attributes!) }
      },
      { user, _ in
        let me = unsafe Unmanaged<GraphMLParser>.fromOpaque(user!).takeUnretainedValue()
        me.guarded { me throws(MillError) in try me.end() }
      })
    unsafe XML_SetCharacterDataHandler(parser) { user, text, count in
      let me = unsafe Unmanaged<GraphMLParser>.fromOpaque(user!).takeUnretainedValue()
      me.guarded { me throws(MillError) in
        guard me.text != nil else { return }
        unsafe text!.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
          unsafe me.text!.append(contentsOf: UnsafeBufferPointer(start: $0, count: Int(count)))
        }
        if me.text!.count > 4096 { throw MillError(.badWeight, "the weight is no finite number") }
      }
    }
    unsafe XML_SetEntityDeclHandler(parser) { user, _, _, _, _, _, _, _, _ in
      let me = unsafe Unmanaged<GraphMLParser>.fromOpaque(user!).takeUnretainedValue()
      me.guarded { _ throws(MillError) in
        throw MillError(.unsupportedContent, "the document defines entities, which are not expanded")
      }
    }
  }

  deinit { unsafe XML_ParserFree(parser) }

  var line: Int { unsafe Int(XML_GetCurrentLineNumber(parser)) }

  func parse(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(MillError) {
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let status = unsafe XML_Parse(parser, start, Int32(bytes.count), isLast ? 1 : 0)
    if let failure { throw failure }
    guard status == XML_STATUS_OK else {
      let reason = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) } ?? "unknown"
      throw placed(MillError(.malformed, "this is no well-formed XML: \(reason)"))
    }
    fed += bytes.count
    if unsafe fed - max(0, Int(XML_GetCurrentByteIndex(parser))) > Self.tokenLimit {
      throw placed(MillError(.lineTooLong, "a tag or comment of more than 1 MiB"))
    }
  }

  func finish() throws(MillError) -> FoundGraph {
    guard graphs > 0 else { throw placed(MillError(.malformed, "the document has no element graph")) }
    try declared.check(names.text)
    guard overrides.directed == 0 || overrides.undirected == 0 else {
      throw MillError(
        .unsupportedContent, "some edges are directed and some are not: mixed graphs are not read",
        hint: "write both directions of the undirected ones")
    }
    var found = FoundGraph(.named(names), isDirected: direction)
    if overrides.directed + overrides.undirected == edges.count, edges.count > 0 {
      found.isDirected = overrides.directed > 0
    } else if overrides.directed > 0 && direction == false || overrides.undirected > 0 && direction == true {
      throw MillError(
        .unsupportedContent, "some edges are directed and some are not: mixed graphs are not read",
        hint: "write both directions of the undirected ones")
    }
    found.edges = edges
    edges = EdgeCollector()
    return found
  }

  private func placed(_ error: MillError) -> MillError {
    var error = error
    error.line = line
    error.byte = unsafe max(0, Int(XML_GetCurrentByteIndex(parser)))
    return error
  }

  /// Runs a handler; after an error the document is not read on.
  private func guarded(_ body: (GraphMLParser) throws(MillError) -> Void) {
    guard failure == nil else { return }
    do throws(MillError) {
      try body(self)
    } catch {
      failure = placed(error)
      unsafe XML_StopParser(parser, 0)
    }
  }

  private func begin(_ name: String, _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>) throws(MillError) {
    guard path.count < Self.depthLimit else { throw MillError(.malformed, "elements deeper than 64") }
    let parent = path.last
    path.append(name)
    switch (name, parent) {
    case ("graphml", nil): break
    case (_, nil): throw MillError(.malformed, "the root element is not graphml", field: name)
    case ("key", "graphml"): unsafe beginKey(attributes)
    case ("default", "key"): if openKey != nil { text = [] }
    case ("graph", "graphml"):
      graphs += 1
      guard graphs == 1 else {
        throw MillError(.unsupportedContent, "the file holds several graphs", hint: "give them files of their own")
      }
      direction = unsafe value("edgedefault", attributes).flatMap {
        $0 == "directed" ? true : $0 == "undirected" ? false : nil
      }
    case ("graph", _): throw MillError(.unsupportedContent, "nested graphs are not read")
    case ("hyperedge", _): throw MillError(.unsupportedContent, "hyperedges are not read")
    case ("port", _): throw MillError(.unsupportedContent, "ports are not read")
    case ("node", "graph"):
      guard let id = unsafe value("id", attributes) else { throw MillError(.missingField, "a node without an id") }
      let node = try number(of: id)
      guard declared.declare(node) else { throw MillError(.malformed, "a second node of this id", field: id) }
    case ("edge", "graph"): try unsafe beginEdge(attributes)
    case ("data", "edge"):
      if edge != nil, let weightKey, unsafe value("key", attributes) == weightKey { text = [] }
    default: break
    }
  }

  private func beginKey(_ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>) {
    let domain = unsafe value("for", attributes) ?? "all"
    guard domain == "edge" || domain == "all", let id = unsafe value("id", attributes), weightKey == nil,
      unsafe (value("attr.name", attributes) ?? id).lowercased() == "weight"
    else { return }
    weightKey = id
    openKey = id
  }

  private func beginEdge(_ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>) throws(MillError) {
    guard let source = unsafe value("source", attributes), let target = unsafe value("target", attributes) else {
      throw MillError(.missingField, "an edge without source or target")
    }
    if let own = unsafe value("directed", attributes) {
      if own == "true" || own == "1" { overrides.directed += 1 } else { overrides.undirected += 1 }
    }
    edge = (UInt32(try number(of: source)), UInt32(try number(of: target)), weightDefault)
  }

  private func end() throws(MillError) {
    let name = path.removeLast()
    switch (name, path.last) {
    case ("default", "key"):
      if let text { weightDefault = try weight(text) }
      text = nil
    case ("key", _): openKey = nil
    case ("data", "edge"):
      if let text { edge?.weight = try weight(text) }
      text = nil
    case ("edge", "graph"):
      if let edge { try edges.add(edge.source, edge.target, edge.weight) }
      edge = nil
    default: break
    }
  }

  private func weight(_ text: [UInt8]) throws(MillError) -> Double {
    let field = trimmed(text)
    guard let value = unsafe field.withUnsafeBufferPointer({ unsafe FloatParser.finite($0) }),
      value >= 0 || !options.refusesNegativeWeights
    else { throw MillError(.badWeight, "the weight is no finite number, or negative", field: excerpt(field)) }
    return value
  }

  private func number(of name: String) throws(MillError) -> Int {
    let (number, isNew) = try names.insert(Array(name.utf8))
    if isNew { declared.note(line: line) }
    return Int(number)
  }

  private func value(_ name: String, _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>) -> String? {
    var place = 0
    while let key = unsafe attributes[place], let value = unsafe attributes[place + 1] {
      if unsafe String(cString: key) == name { return unsafe String(cString: value) }
      place += 2
    }
    return nil
  }
}

/// An element's name without its prefix.
private func localName(_ name: UnsafePointer<CChar>) -> String {
  let whole = unsafe String(cString: name)
  return whole.split(separator: ":").last.map(String.init) ?? whole
}

/// A text without white space around it.
func trimmed(_ text: [UInt8]) -> [UInt8] {
  var part = text.drop { $0 <= 0x20 }
  while let last = part.last, last <= 0x20 { part.removeLast() }
  return Array(part)
}

/// Bytes as text for a message.
func excerpt(_ bytes: [UInt8]) -> String { unsafe bytes.withUnsafeBufferPointer { unsafe fieldExcerpt($0) } }

extension MillError.Kind {
  /// A node that is named and not in the input.
  public static let noSuchNode = Self("no-such-node", .badData)
}
