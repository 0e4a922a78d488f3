import GraphStore
public import MillRuntime

/// The layout of a `.gmt` file: header and sections of all files of this project; counts are nodes, features, parameters.
private enum TicketFile {
  static let format = SectionFormat(kind: .ticket, majorVersion: 1, knownFlags: 0, alignment: 8)

  enum Kind: UInt32 {
    /// 64-bit words in the order of ``TicketWords``.
    case settings = 1
    /// The fingerprint of the full graph, then the names of the classes, a line each.
    case names = 2
    /// Offsets of the kept edges' rows, 64 bits each, and their targets, 32 bits each.
    case offsets = 3
    case targets = 4
    /// Places of the parameters that are not 0, 32 bits each, ascending, and their values as 32-bit floats.
    case places = 5
    case values = 6
  }
}

/// Writes a ticket as a `.gmt` file: settings, kept edges, and the weights that are not 0.
///
/// The same ticket gives the same bytes.
///
/// - Parameters:
///   - ticket: The ticket.
///   - path: The file; `-` is standard output.
///   - replaces: Whether an existing file may be replaced.
///   - context: A way to stop.
/// - Returns: Bytes written.
/// - Throws: `MillError`: `cannot-create` when the file exists, `input-output`; `bad-option` for the name of a class with
///   a line end.
/// - Complexity: O(parameters + edges).
@discardableResult
public func writeTicket(
  _ ticket: Ticket, to path: String, replaces: Bool = false, context: RunContext = .init()
) throws(MillError) -> Int {
  for name in ticket.classNames where name.utf8.contains(10) {
    throw MillError(.badOption, "the name of a class has a line end", field: name)
  }
  var places: [UInt32] = []
  var values: [Float] = []
  for (place, value) in ticket.weights.enumerated() where value != 0 {
    places.append(UInt32(place))
    values.append(value)
  }
  let settings = TicketWords(ticket).words
  let names = Array(([ticket.graphFingerprint] + ticket.classNames).joined(separator: "\n").utf8)
  let targets = (0..<ticket.graph.arcCount).map { UInt32(ticket.graph.targets[$0]) }
  let file = try OutputFile(path, replaces: replaces)
  let contents: [(TicketFile.Kind, SharedArray<UInt8>)] = [
    (.settings, try bytes(of: settings)), (.names, try SharedArray(copying: names)),
    (.offsets, try bytes(of: Array(ticket.graph.offsets))), (.targets, try bytes(of: targets)),
    (.places, try bytes(of: places)), (.values, try bytes(of: values.map(\.bitPattern))),
  ]
  try writeSections(
    contents.map { kind, bytes in
      unsafe SectionContent(kind: kind.rawValue, bytes: UnsafeRawBufferPointer(bytes.elements))
    }, format: TicketFile.format, flags: 0,
    counts: (UInt64(ticket.graph.nodeCount), UInt64(ticket.shape.featureCount), UInt64(ticket.weights.count)), to: file,
    context: context)
  withExtendedLifetime(contents) {}
  try file.commit()
  return file.bytesWritten
}

private func bytes<Word: FixedWidthInteger>(of words: [Word]) throws(MillError) -> SharedArray<UInt8> {
  let width = Word.bitWidth / 8
  let buffer = try FlatBuffer<UInt8>(uninitializedCount: words.count * width)
  for (place, word) in words.enumerated() {
    for byte in 0..<width {
      unsafe buffer.base[place * width + byte] = UInt8(truncatingIfNeeded: word >> Word(8 * byte))
    }
  }
  return SharedArray(buffer)
}

/// Reads a `.gmt` file.
///
/// - Throws: `MillError`: `unreadable`, `over-budget`, or a `badData` kind that says what is wrong: any bytes are safe to
///   read.
/// - Complexity: O(bytes + parameters).
public func readTicket(_ path: String, context: RunContext = .init()) throws(MillError) -> Ticket {
  let file = try MappedFile(path: path, mapped: false)
  defer { withExtendedLifetime(file) {} }
  do throws(MillError) {
    return try unsafe readTicket(bytes: file.bytes)
  } catch {
    throw error.inFile(path)
  }
}

/// Reads a `.gmt` file that lies in memory.
///
/// - Throws: As ``readTicket(_:context:)``.
public func readTicket(bytes: SharedArray<UInt8>) throws(MillError) -> Ticket {
  try unsafe bytes.withUnsafeBufferPointer { bytes throws(MillError) in
    try unsafe readTicket(bytes: UnsafeRawBufferPointer(bytes))
  }
}

private func readTicket(bytes: UnsafeRawBufferPointer) throws(MillError) -> Ticket {
  let file = try unsafe SectionFile(bytes, format: TicketFile.format)
  try file.checkPadding()
  func section(_ kind: TicketFile.Kind) throws(MillError) -> UnsafeRawBufferPointer {
    guard let section = file.section(kind.rawValue), section.codec == SectionCodec.raw.rawValue else {
      throw MillError(.malformed, "the section of \(kind) is missing, or compressed")
    }
    try file.checkSum(of: section)
    return unsafe file.content(section)
  }
  func words<Word: FixedWidthInteger & BitwiseCopyable>(
    _ kind: TicketFile.Kind, _: Word.Type, count: Int? = nil
  ) throws(MillError) -> [Word] {
    let content = try unsafe section(kind)
    let width = Word.bitWidth / 8
    let found = content.count / width
    guard content.count % width == 0, count.map({ $0 == found }) ?? true else {
      throw MillError(.malformed, "the section of \(kind) has a wrong length")
    }
    return (0..<found).map {
      unsafe Word(littleEndian: content.loadUnaligned(fromByteOffset: $0 * width, as: Word.self))
    }
  }
  guard file.counts.0 < UInt64(UInt32.max), file.counts.1 < UInt64(UInt32.max), file.counts.2 < UInt64(UInt32.max)
  else { throw MillError(.malformed, "the header's counts are out of range", byte: 24) }
  let (n, f, parameterCount) = (Int(file.counts.0), Int(file.counts.1), Int(file.counts.2))
  guard let settings = TicketWords(try words(.settings, UInt64.self)) else {
    throw MillError(.malformed, "the settings are out of range")
  }
  let text = try unsafe section(.names)
  guard let text = unsafe String(validating: text, as: UTF8.self) else {
    throw MillError(.malformed, "the names of the classes are not UTF-8")
  }
  let names = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  guard names.count >= 3 else { throw MillError(.malformed, "there are fewer than two classes") }
  let graph = try keptGraph(
    nodeCount: n, offsets: words(.offsets, UInt64.self, count: n + 1), targets: words(.targets, UInt32.self))
  let places = try words(.places, UInt32.self)
  let values = try words(.values, UInt32.self, count: places.count).map { Float(bitPattern: $0) }
  // Weights that are 0 take no room in the file: their number is bounded by what is there.
  guard parameterCount <= max(1 << 22, 1024 * bytes.count) else {
    throw MillError(.malformed, "\(parameterCount) parameters in a file of \(bytes.count) bytes")
  }
  let layout = try settings.layout(features: f, classes: names.count - 1, parameters: parameterCount)
  guard zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }), places.last.map({ Int($0) < parameterCount }) ?? true,
    values.allSatisfy({ $0.isFinite && $0 != 0 })
  else { throw MillError(.malformed, "the weights are out of range or out of order") }
  let weights = try FlatBuffer<Float>(count: parameterCount)
  for (place, value) in zip(places, values) { unsafe weights.base[Int(place)] = value }
  return Ticket(
    options: settings.options, shape: layout.shape(featureCount: f, classCount: names.count - 1),
    weights: SharedArray(weights), graph: graph, graphFingerprint: names[0], classNames: Array(names.dropFirst()),
    round: settings.round, edgeShare: settings.edgeShare, best: settings.best)
}

/// The kept edges, checked: rows ascend, no loops, every arc has one the other way.
private func keptGraph(nodeCount n: Int, offsets: [UInt64], targets: [UInt32]) throws(MillError) -> CSRGraph {
  guard offsets[0] == 0, offsets[n] == UInt64(targets.count),
    zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
  else { throw MillError(.malformed, "the offsets of the kept edges do not ascend") }
  // Arcs to smaller nodes come in the order in which those arcs' other ways are met.
  var next = offsets.dropLast().map { Int($0) }
  for node in 0..<n {
    var last = -1
    for arc in Int(offsets[node])..<Int(offsets[node + 1]) {
      let other = Int(targets[arc])
      guard other > last, other < n, other != node else {
        throw MillError(.malformed, "the kept edges of a node are out of range or out of order", field: "\(node)")
      }
      last = other
      guard other > node else { continue }
      guard next[other] < Int(offsets[other + 1]), Int(targets[next[other]]) == node else {
        throw MillError(.malformed, "a kept edge has one direction only", field: "\(node), \(other)")
      }
      next[other] += 1
    }
    guard next[node] == Int(offsets[node + 1]) || Int(targets[next[node]]) > node else {
      throw MillError(.malformed, "a kept edge has one direction only", field: "\(node)")
    }
  }
  return CSRGraph(
    storage: CSRStorage(
      nodeCount: n, edgeCount: targets.count / 2, flags: [], offsets: try SharedArray(copying: offsets),
      targets: .narrow(try SharedArray(copying: targets))))
}

/// The settings of a ticket as words of 64 bits.
private struct TicketWords {
  let words: [UInt64]
  let options: TrainingOptions
  let round: Int
  let edgeShare: Double
  let best: EpochRecord

  init(_ ticket: Ticket) {
    let options = ticket.options
    let whole = [
      GraphModel.allCases.firstIndex(of: options.model)!, options.hidden, options.heads, options.epochs,
      FeatureScaling.allCases.firstIndex(of: options.scaling)!, ticket.round, ticket.best.epoch,
    ]
    let real = [
      options.rate, options.weightDecay, options.dropout ?? .nan, options.weightShare, options.lambda,
      ticket.edgeShare, ticket.best.loss, ticket.best.validation, ticket.best.test,
    ]
    let samples = options.sampling.map { [$0.batch, $0.first, $0.second] } ?? [0, 0, 0]
    words = whole.map(UInt64.init) + [options.seed] + real.map(\.bitPattern) + samples.map(UInt64.init)
    self.options = options
    round = ticket.round
    edgeShare = ticket.edgeShare
    best = ticket.best
  }

  /// Nil for words that no ticket has.
  init?(_ words: [UInt64]) {
    guard words.count == 20, words.prefix(7).allSatisfy({ $0 < 1 << 32 }), words[0] < UInt64(GraphModel.allCases.count),
      words[4] < UInt64(FeatureScaling.allCases.count)
    else { return nil }
    let whole = words.prefix(7).map { Int($0) }
    let real = words[8..<17].map { Double(bitPattern: $0) }
    let samples = words.suffix(3)
    guard samples.allSatisfy({ $0 < 1 << 32 }) else { return nil }
    var options = TrainingOptions(
      model: GraphModel.allCases[whole[0]], hidden: whole[1], heads: whole[2], epochs: whole[3], rate: real[0],
      weightDecay: real[1], dropout: real[2].isNaN ? nil : real[2], weightShare: real[3], lambda: real[4],
      scaling: FeatureScaling.allCases[whole[4]])
    options.seed = words[7]
    if samples.contains(where: { $0 != 0 }) {
      let counts = samples.map { Int($0) }
      options.sampling = SamplingOptions(batch: counts[0], first: counts[1], second: counts[2])
    }
    do throws(MillError) { try options.check() } catch { return nil }
    guard real[5] >= 0, real[5] <= 1, real[6].isFinite, real[7] >= 0, real[7] <= 1,
      real[8].isNaN || real[8] >= 0 && real[8] <= 1
    else { return nil }
    self.words = words
    self.options = options
    round = whole[5]
    edgeShare = real[5]
    best = EpochRecord(epoch: whole[6], loss: real[6], validation: real[7], test: real[8])
  }

  /// The network's matrices.
  ///
  /// - Throws: `MillError` of kind `malformed` where they do not come to the number of parameters.
  func layout(features: Int, classes: Int, parameters: Int) throws(MillError) -> ParameterLayout {
    // Bounds keep every product within 64 bits: 2^32 features, 2^16 columns of 2^10 heads.
    guard features >= 1, classes < 1 << 20 else { throw MillError(.malformed, "the network's shape is impossible") }
    let (rows, overflow) = features.multipliedReportingOverflow(by: options.hidden * max(1, options.heads))
    guard !overflow, rows < 1 << 60 else { throw MillError(.malformed, "the network's shape is impossible") }
    let layout = ParameterLayout(options, featureCount: features, classCount: classes)
    guard layout.count == parameters else {
      throw MillError(.malformed, "\(parameters) parameters, the network has \(layout.count)")
    }
    return layout
  }
}
