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
    case spaceName = 16
    case objectOffsets = 17
    case objectBytes = 18
    case nameOffsets = 19
    case nameBytes = 20
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
    /// ``Switches``.
    var switches: UInt32 = 0
    var quantization: UInt32 = 0
    var codeOffset: UInt32 = 0
    var codeScale: UInt32 = 0
    /// ``Content``.
    var method: UInt32 = 0
    var restarts: UInt32 = 0
    var reserved: (UInt64, UInt64, UInt64) = (0, 0, 0)

    /// Parameters of objects whose space the file cannot describe.
    init(_ content: Content) { method = content.fileNumber }

    init(_ content: Content, _ vectors: VectorTable, _ metric: Metric) {
      self.init(content)
      self.metric = metric.fileNumber
      element = vectors.elementType.fileNumber
      dimension = UInt32(vectors.dimension)
      stride = UInt64(vectors.stride)
    }
  }

  /// The sections of a file to be written.
  struct Sections {
    private(set) var contents: [SectionContent] = []
    /// Arrays that the contents lie in.
    private var arrays: [any Sendable] = []

    /// Adds bytes that the caller keeps alive.
    mutating func add(_ kind: Kind, _ base: UnsafeRawPointer, _ bytes: Int) {
      unsafe contents.append(
        SectionContent(kind: kind.rawValue, bytes: UnsafeRawBufferPointer(start: base, count: bytes)))
    }

    /// Adds the elements of an array.
    mutating func add<Element: BitwiseCopyable & Sendable>(_ kind: Kind, _ array: SharedArray<Element>) {
      arrays.append(array)
      unsafe add(kind, array.base, array.count * MemoryLayout<Element>.stride)
    }

    /// Adds a copy of values; nothing when there are none.
    mutating func addCopy<Element: BitwiseCopyable & Sendable>(_ kind: Kind, _ values: [Element]) throws(MillError) {
      if !values.isEmpty { add(kind, try SharedArray(copying: values)) }
    }

    /// Adds the names of objects, where they have some.
    mutating func add(_ texts: ObjectTexts?) throws(MillError) {
      guard let table = try texts?.stored() else { return }
      add(.nameOffsets, table.offsets)
      add(.nameBytes, table.bytes)
    }

    /// Writes the file under its final name; returns its bytes.
    func write(
      to path: String, replaces: Bool, counts: (UInt64, UInt64, UInt64), _ run: RunContext
    ) throws(MillError) -> Int {
      let file = try OutputFile(path, replaces: replaces)
      try writeSections(contents, format: IndexFile.format, flags: 0, counts: counts, to: file, context: run)
      withExtendedLifetime(arrays) {}
      try file.commit()
      return file.bytesWritten
    }
  }
}

extension HNSWCore {
  /// Notes how the graph was built and where searches begin.
  func describe(in parameters: inout IndexFile.Parameters) {
    parameters.m = UInt32(options.m)
    parameters.baseLinks = UInt32(options.maximumBaseLinks)
    parameters.efConstruction = UInt32(options.efConstruction)
    parameters.entry = entry
    parameters.scale = options.scale.bitPattern
    parameters.seed = options.seed
    parameters.top = UInt32(top)
    parameters.selection = options.selection.fileNumber
    parameters.alpha = options.alpha.bitPattern
    parameters.repair = options.repair.fileNumber
    var switches: IndexFile.Switches = []
    if options.extendsCandidates { switches.insert(.extendsCandidates) }
    if options.keepsPruned { switches.insert(.keepsPruned) }
    if options.isSequential { switches.insert(.isSequential) }
    if options.shuffles { switches.insert(.shuffles) }
    parameters.switches = switches.rawValue
  }

  /// Adds the lists of all levels, which the core keeps alive.
  func addLists(to sections: inout IndexFile.Sections) {
    unsafe sections.add(.baseLinks, links.base, 4 * links.count * links.baseLinks)
    unsafe sections.add(.levels, links.levels, links.count)
    unsafe sections.add(.upperStarts, links.upperStarts, 4 * links.count)
    unsafe sections.add(.upperLinks, links.upper, 4 * links.upperLists * links.m)
  }

  /// Adds chains of equal objects and extra entries, where there are some.
  func addExtras(to sections: inout IndexFile.Sections) throws(MillError) {
    var chains = duplicateNext
    while !chains.isEmpty, chains.count < links.count { chains.append(LinkStore.none) }
    try sections.addCopy(.chains, chains)
    try sections.addCopy(.extraEntries, extraEntries)
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
    var parameters = IndexFile.Parameters(.hnsw, vectors, metric)
    core.describe(in: &parameters)
    if let codes {
      parameters.quantization = codes.form.fileNumber
      parameters.codeOffset = codes.offset.bitPattern
      parameters.codeScale = codes.scale.bitPattern
    }
    var sections = IndexFile.Sections()
    try sections.addCopy(.parameters, [parameters])
    core.addLists(to: &sections)
    unsafe sections.add(.rows, vectors.base, names.count * vectors.stride)
    if names.count > 0, let keys = try names.stored() { sections.add(.keys, keys) }
    try sections.add(names.texts)
    try sections.addCopy(.norms, norms)
    try sections.addCopy(.removed, names.removed)
    try core.addExtras(to: &sections)
    if let codes {
      unsafe sections.add(.codes, codes.table.base, names.count * codes.table.stride)
      try sections.addCopy(.codeParameters, codes.means)
    }
    let counts = (UInt64(names.count), UInt64(core.links.upperLists), UInt64(names.removedCount))
    let bytes = try sections.write(to: path, replaces: replaces, counts: counts, context)
    withExtendedLifetime(self) {}
    return bytes
  }
}
