import Glibc
import GraphStore
public import MillRuntime
import VectorStore

/// How much of an index file is checked when it is opened.
public enum IndexVerification: Sendable {
  /// O(1): header, parameters, sizes of all sections. Searching is memory-safe on any bytes: ids are compared with the
  /// number of objects where they are used.
  case quick
  /// Also checksums, padding, and that every link leads to a node that exists on its level.
  case full
}

/// The index file (`.gmx`): the project's section layout with the letter X.
enum IndexFile {
  static let format = SectionFormat(kind: .index, majorVersion: 1, knownFlags: 0)
  /// The order in which kernels add; answers would differ under another one.
  static let kernelOrder: UInt32 = 1

  enum Kind: UInt32, CaseIterable {
    case parameters = 1
    case baseLinks = 2
    case levels = 3
    case upperStarts = 4
    case upperLinks = 5
    case rows = 6
    case keys = 7
    case norms = 8
    case removed = 9
    case chains = 10
    case extraEntries = 11
    case codes = 12
    case codeParameters = 13
    case listOffsets = 14
    case listTargets = 15
  }

  /// The fixed parameters, 120 bytes. A flat graph uses kernel order, metric, element, dimension, stride, m (its links),
  /// seed, shuffles, method and restarts; the others are zero.
  struct Parameters: BitwiseCopyable {
    var kernelOrder: UInt32 = IndexFile.kernelOrder
    var metric: UInt32 = 0
    var element: UInt32 = 0
    var dimension: UInt32 = 0
    var stride: UInt64 = 0
    var m: UInt32 = 0
    var baseLinks: UInt32 = 0
    var efConstruction: UInt32 = 0
    var entry: UInt32 = 0
    var scale: UInt64 = 0
    var seed: UInt64 = 0
    var top: UInt32 = 0
    var selection: UInt32 = 0
    var alpha: UInt32 = 0
    var repair: UInt32 = 0
    /// Bits: extends candidates, keeps pruned, sequential, shuffles.
    var switches: UInt32 = 0
    var quantization: UInt32 = 0
    var codeOffset: UInt32 = 0
    var codeScale: UInt32 = 0
    /// The place of the index's ``IndexMethod``.
    var method: UInt32 = 0
    var restarts: UInt32 = 0
    var reserved: (UInt64, UInt64, UInt64) = (0, 0, 0)

    init(_ method: IndexMethod, _ vectors: VectorTable, _ metric: Metric) {
      self.method = IndexFile.position(method)
      self.metric = IndexFile.position(metric)
      element = IndexFile.position(vectors.elementType)
      dimension = UInt32(vectors.dimension)
      stride = UInt64(vectors.stride)
    }
  }

  /// The sections of a file to be written.
  struct Sections {
    private(set) var contents: [SectionContent] = []
    private var copies: [FlatBuffer<UInt8>] = []

    /// Adds bytes that the caller keeps.
    mutating func add(_ kind: Kind, _ base: UnsafeRawPointer, _ bytes: Int) {
      contents.append(SectionContent(kind: kind.rawValue, bytes: UnsafeRawBufferPointer(start: base, count: bytes)))
    }

    /// Adds a copy of values; nothing when there are none.
    mutating func addCopy<Element: BitwiseCopyable>(_ kind: Kind, _ values: [Element]) throws(MillError) {
      if values.isEmpty { return }
      let bytes = values.count * MemoryLayout<Element>.stride
      let copy = try FlatBuffer<UInt8>(count: bytes)
      _ = values.withUnsafeBytes { memcpy(copy.base, $0.baseAddress!, bytes) }
      copies.append(copy)
      add(kind, copy.base, bytes)
    }

    /// Writes the file under its final name; returns its bytes.
    func write(
      to path: String, replaces: Bool, counts: (UInt64, UInt64, UInt64), _ run: RunContext
    ) throws(MillError) -> Int {
      let file = try OutputFile(path, replaces: replaces)
      try writeSections(contents, format: IndexFile.format, flags: 0, counts: counts, to: file, context: run)
      withExtendedLifetime(copies) {}
      try file.commit()
      return file.bytesWritten
    }
  }

  static func position<Value: CaseIterable & Equatable>(_ value: Value) -> UInt32 {
    UInt32(Array(Value.allCases).firstIndex(of: value) ?? 0)
  }

  static func value<Value: CaseIterable>(_ position: UInt32, _ what: String) throws(MillError) -> Value {
    let all = Array(Value.allCases)
    guard position < all.count else { throw MillError(.malformed, "unknown \(what) \(position)") }
    return all[Int(position)]
  }
}

extension HNSWIndex {
  /// Writes the index under its final name; the same index gives the same bytes.
  ///
  /// - Returns: The number of bytes.
  /// - Throws: `MillError`, also `cannot-create` when the file exists and `replaces` is false.
  @discardableResult
  public func write(
    to path: String, replaces: Bool = false, context: RunContext = .init()
  ) throws(MillError) -> Int {
    let links = core.links
    let n = links.count
    var parameters = IndexFile.Parameters(.hnsw, vectors, metric)
    parameters.m = UInt32(options.m)
    parameters.baseLinks = UInt32(options.maximumBaseLinks)
    parameters.efConstruction = UInt32(options.efConstruction)
    parameters.entry = core.entry
    parameters.scale = options.scale.bitPattern
    parameters.seed = options.seed
    parameters.top = UInt32(core.top)
    parameters.selection = IndexFile.position(options.selection)
    parameters.alpha = options.alpha.bitPattern
    parameters.repair = IndexFile.position(options.repair)
    parameters.switches =
      (options.extendsCandidates ? 1 : 0) | (options.keepsPruned ? 2 : 0) | (options.isSequential ? 4 : 0)
      | (options.shuffles ? 8 : 0)
    if let codes {
      parameters.quantization = IndexFile.position(codes.form) + 1
      parameters.codeOffset = codes.offset.bitPattern
      parameters.codeScale = codes.scale.bitPattern
    }
    var sections = IndexFile.Sections()
    try sections.addCopy(.parameters, [parameters])
    sections.add(.baseLinks, links.base, 4 * n * links.baseLinks)
    sections.add(.levels, links.levels, n)
    sections.add(.upperStarts, links.upperStarts, 4 * n)
    sections.add(.upperLinks, links.upper, 4 * links.upperLists * links.m)
    sections.add(.rows, vectors.base, n * vectors.stride)
    try sections.addCopy(.keys, (keys ?? []).map { Int64($0) })
    try sections.addCopy(.norms, norms)
    try sections.addCopy(.removed, dead)
    var chains = core.duplicateNext
    while !chains.isEmpty, chains.count < n { chains.append(LinkStore.none) }
    try sections.addCopy(.chains, chains)
    try sections.addCopy(.extraEntries, core.extraEntries)
    if let codes {
      sections.add(.codes, codes.table.base, n * codes.table.stride)
      try sections.addCopy(.codeParameters, codes.means)
    }
    let counts = (UInt64(n), UInt64(links.upperLists), UInt64(deadCount))
    let bytes = try sections.write(to: path, replaces: replaces, counts: counts, context)
    withExtendedLifetime(self) {}
    return bytes
  }
}
