import Glibc
import GraphStore
public import MillRuntime
import VectorStore

extension HNSWIndex {
  /// Opens an index file.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - mapped: Whether links and vectors stay in the mapped file (O(1), read-only), or are copied so that the index
  ///     can change. A mapped file must not be changed in place.
  ///   - verify: How much is checked.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError` for every damage: `not-a-container`, `unsupported-version`, `truncated`,
  ///   `trailing-garbage`, `corrupt-header`, `malformed`, `checksum-mismatch`; `other-method` for an ``NSWIndex``.
  /// - Complexity: O(1) in links and vectors when mapped and verified quickly; custom keys, norms and chains are copied.
  public static func open(
    _ path: String, mapped: Bool = true, verify: IndexVerification = .quick, context: RunContext = .init()
  ) throws(MillError) -> HNSWIndex {
    do throws(MillError) {
      let reader = try IndexReader(try MappedFile(path: path, mapped: mapped))
      return try reader.hnswIndex(verify, mapped: mapped, context)
    } catch {
      throw error.inFile(path)
    }
  }

  /// The same index with links and vectors of its own.
  fileprivate func inMemory(_ run: RunContext) throws(MillError) -> HNSWIndex {
    let old = core.links
    let links = try LinkStore(
      m: old.m, baseLinks: old.baseLinks, capacity: old.count, upperCapacity: max(1, old.upperLists))
    for id in 0..<old.count { try unsafe links.append(level: old.levels[id]) }
    guard links.upperLists == old.upperLists, unsafe memcmp(links.upperStarts, old.upperStarts, 4 * old.count) == 0
    else {
      throw MillError(.malformed, "levels and starts of the upper lists do not agree")
    }
    unsafe memcpy(links.base, old.base, 4 * old.count * old.baseLinks)
    unsafe memcpy(links.upper, old.upper, 4 * old.upperLists * old.m)
    let table = try vectors.copy(context: run)
    let codes = try codes.map { codes throws(MillError) in
      VectorCodes(
        form: codes.form, table: try codes.table.copy(context: run), metric: metric, offset: codes.offset,
        scale: codes.scale, means: codes.means)
    }
    return HNSWIndex(
      metric: metric, vectors: table, core: core.over(try PointSet(table, metric: metric), links: links), names: names,
      norms: norms, codes: codes)
  }
}

/// Takes an index file apart, trusting nothing.
struct IndexReader {
  let file: MappedFile
  let sections: SectionFile
  let parameters: IndexFile.Parameters
  let content: IndexFile.Content
  let n: Int

  init(_ file: MappedFile) throws(MillError) {
    self.file = file
    sections = try unsafe SectionFile(file.bytes, format: IndexFile.format)
    guard sections.counts.0 < UInt64(UInt32.max >> 1) else {
      throw MillError(.malformed, "an impossible count", byte: 24)
    }
    n = Int(sections.counts.0)
    for section in sections.sections where section.codec != SectionCodec.raw.rawValue {
      throw MillError(.unsupportedVersion, "section \(section.kind) is encoded", byte: section.offset)
    }
    guard let section = sections.section(IndexFile.Kind.parameters.rawValue),
      section.length == MemoryLayout<IndexFile.Parameters>.size
    else { throw MillError(.malformed, "the parameters are missing") }
    try sections.checkSum(of: section)
    parameters = unsafe sections.content(section).loadUnaligned(as: IndexFile.Parameters.self)
    guard parameters.kernelOrder == IndexFile.kernelOrder else {
      throw MillError(.unsupportedVersion, "an index of kernels that add in another order")
    }
    content = try IndexFile.value(parameters.method, "method")
  }

  /// - Throws: `other-method` where the file holds something else.
  func require(_ wanted: IndexFile.Content) throws(MillError) {
    guard content == wanted else { throw otherMethod(wanted.rawValue) }
  }

  func otherMethod(_ wanted: String) -> MillError {
    MillError(
      .otherMethod, "an index of \(content == .objects ? "" : "the method ")\(content.rawValue), not \(wanted)",
      hint: content == .objects ? "ObjectIndex.open takes it" : "ProximityIndex.open takes either method")
  }

  /// A section that must have `count` entries of `width` bytes; nil where it may be missing and is.
  func bytes(_ kind: IndexFile.Kind, _ count: Int, _ width: Int, optional: Bool = false) throws(MillError)
    -> UnsafeRawBufferPointer?
  {
    guard let section = sections.section(kind.rawValue) else {
      if optional || count == 0 { return nil }
      throw MillError(.malformed, "section \(kind) is missing")
    }
    let (wanted, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, section.length == wanted else {
      throw MillError(.malformed, "section \(kind) has \(section.length) bytes", byte: section.offset)
    }
    return unsafe sections.content(section)
  }

  /// The elements of a section where they lie; none where it is missing, which only an empty index may lack.
  func array<Element: BitwiseCopyable & Sendable>(
    _ kind: IndexFile.Kind, _ count: Int
  ) throws(MillError) -> SharedArray<Element> {
    guard let bytes = try unsafe bytes(kind, count, MemoryLayout<Element>.stride), let base = bytes.baseAddress else {
      return .empty
    }
    return unsafe SharedArray(base: base.assumingMemoryBound(to: Element.self), count: count, owner: file)
  }

  /// One value an object, where it lies; nil where there is no such section.
  func optionalArray<Element: BitwiseCopyable & Sendable>(
    _ kind: IndexFile.Kind
  ) throws(MillError) -> SharedArray<Element>? {
    sections.section(kind.rawValue) == nil ? nil : try array(kind, n)
  }

  /// A copy of the values of a section; none where it is missing.
  private func copy<Element: BitwiseCopyable>(
    _ kind: IndexFile.Kind, _ count: Int, of: Element.Type
  ) throws(MillError) -> [Element] {
    guard let bytes = try unsafe bytes(kind, count, MemoryLayout<Element>.stride, optional: true) else { return [] }
    return (0..<count).map {
      unsafe bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: Element.self)
    }
  }

  private func options() throws(MillError) -> HNSWOptions {
    var options = HNSWOptions()
    options.m = Int(parameters.m)
    options.baseLinks = Int(parameters.baseLinks) == 2 * Int(parameters.m) ? nil : Int(parameters.baseLinks)
    options.efConstruction = Int(parameters.efConstruction)
    let scale = Double(bitPattern: parameters.scale)
    if scale.bitPattern != HNSWOptions.defaultScale(Int(parameters.m)).bitPattern { options.levelScale = scale }
    options.selection = try IndexFile.value(parameters.selection, "selection")
    options.alpha = Float(bitPattern: parameters.alpha)
    options.repair = try IndexFile.value(parameters.repair, "repair")
    options.seed = parameters.seed
    let switches = try switches()
    options.extendsCandidates = switches.contains(.extendsCandidates)
    options.keepsPruned = switches.contains(.keepsPruned)
    options.isSequential = switches.contains(.isSequential)
    options.shuffles = switches.contains(.shuffles)
    do throws(MillError) { try options.validate() } catch { throw MillError(.malformed, error.message) }
    return options
  }

  /// - Throws: `unsupported-version` where one is set that this build does not know.
  func switches() throws(MillError) -> IndexFile.Switches {
    let switches = IndexFile.Switches(rawValue: parameters.switches)
    guard switches.isSubset(of: .known) else {
      throw MillError(.unsupportedVersion, "an index built with settings that this version does not know")
    }
    return switches
  }

  /// The stored vectors and their distance.
  func points() throws(MillError) -> (vectors: VectorTable, points: PointSet, metric: Metric) {
    let metric: Metric = try IndexFile.value(parameters.metric, "distance")
    let element: ElementType = try IndexFile.value(parameters.element, "element type")
    let d = Int(parameters.dimension)
    guard d > 0, d <= VectorTable.maximumDimension,
      parameters.stride == UInt64(VectorTable.preferredStride(element, dimension: d))
    else { throw MillError(.malformed, "an impossible dimension \(d) or stride \(parameters.stride)") }
    let stride = Int(parameters.stride)
    let rows = try unsafe bytes(.rows, n, stride)?.baseAddress ?? UnsafeRawPointer(file.base)
    let table = unsafe VectorTable(mapped: rows, element, dimension: d, stride: stride, count: n, owner: file)
    do throws(MillError) { return (table, try PointSet(table, metric: metric), metric) } catch {
      throw MillError(.malformed, error.message)
    }
  }

  /// The HNSW index of the file: where it lies, or with links and vectors of its own.
  func hnswIndex(
    _ verify: IndexVerification, mapped: Bool, _ run: RunContext
  ) throws(MillError) -> HNSWIndex {
    let index = try hnswIndex(verify)
    return mapped ? index : try index.inMemory(run)
  }

  private func hnswIndex(_ verify: IndexVerification) throws(MillError) -> HNSWIndex {
    try require(.hnsw)
    let (table, points, metric) = try points()
    let core = try core(over: points)
    let keys: SharedArray<Int64>? = try optionalArray(.keys)
    guard keys?.allSatisfy({ $0 >= 0 }) ?? true else { throw MillError(.malformed, "a key is negative") }
    let norms = try copy(.norms, n, of: Float.self)
    guard metric != .cosine || norms.count == n else { throw MillError(.malformed, "the norms are missing") }
    let removed = try copy(.removed, (n + 63) / 64, of: UInt64.self)
    if n % 64 != 0, let last = removed.last, last >> UInt64(n % 64) != 0 {
      throw MillError(.malformed, "an object beyond the last is marked as removed")
    }
    let names = ObjectNames(count: n, mapped: keys, removed: removed, texts: try texts(verify, removed: removed))
    guard names.removedCount == Int(sections.counts.2) else {
      throw MillError(.malformed, "the number of removed objects does not agree")
    }
    let codes = try codes(of: table, metric)
    if verify == .full { try verifyAll(core.links) }
    return HNSWIndex(metric: metric, vectors: table, core: core, names: names, norms: norms, codes: codes)
  }

  /// The names of the objects, where they lie; nil where they have none.
  ///
  /// - Parameter removed: A bit for every removed object, whose name another may have; empty for none.
  /// - Throws: `malformed`, also, in a full check, for a name that is empty, is no text or occurs twice.
  func texts(_ verify: IndexVerification, removed: [UInt64] = []) throws(MillError) -> NodeNames.LabelTable? {
    guard let section = sections.section(IndexFile.Kind.nameBytes.rawValue) else { return nil }
    let offsets: SharedArray<UInt64> = try array(.nameOffsets, n + 1)
    let bytes: SharedArray<UInt8> = try array(.nameBytes, section.length)
    guard offsets.count == n + 1, offsets[0] == 0, offsets[n] == UInt64(bytes.count),
      (0..<n).allSatisfy({ offsets[$0] <= offsets[$0 + 1] })
    else { throw MillError(.malformed, "the names of objects are not one behind the other", byte: section.offset) }
    let table = NodeNames.LabelTable(offsets: offsets, bytes: bytes)
    guard verify == .full else { return table }
    var live: [String] = []
    live.reserveCapacity(n)
    for number in 0..<n {
      guard let name = String(validating: table[number], as: UTF8.self), !name.isEmpty else {
        throw MillError(.malformed, "the name of object \(number) is empty or not UTF-8", byte: section.offset)
      }
      if removed.isEmpty || removed[number >> 6] >> UInt64(number & 63) & 1 == 0 { live.append(name) }
    }
    do throws(MillError) { try checkNames(live, count: live.count) } catch {
      throw MillError(.malformed, error.message)
    }
    return table
  }

  /// The graph of levels, where it lies.
  func core(over points: PointSet, hints: EntryHints? = nil) throws(MillError) -> HNSWCore {
    guard sections.counts.1 < UInt64(UInt32.max), sections.counts.2 <= sections.counts.0 else {
      throw MillError(.malformed, "an impossible count", byte: 32)
    }
    let upperLists = Int(sections.counts.1)
    let options = try options()
    guard parameters.top <= UInt32(LevelDraw.maximum), n == 0 || parameters.entry < UInt32(n) else {
      throw MillError(.malformed, "an impossible entry point")
    }
    let links = LinkStore(
      m: options.m, baseLinks: options.maximumBaseLinks, count: n, upperLists: upperLists,
      mapped: LinkStore.Mapped(
        base: try array(.baseLinks, n, rowOf: options.maximumBaseLinks), levels: try array(.levels, n),
        upperStarts: try array(.upperStarts, n), upper: try array(.upperLinks, upperLists, rowOf: options.m)))
    let core = HNSWCore(points, options: options, links: links, hints: hints)
    core.entry = n == 0 ? LinkStore.none : parameters.entry
    core.top = Int(parameters.top)
    core.duplicateNext = try copy(.chains, n, of: UInt32.self)
    let extra = (sections.section(IndexFile.Kind.extraEntries.rawValue)?.length ?? 0) / 4
    core.extraEntries = try copy(.extraEntries, extra, of: UInt32.self)
    return core
  }

  /// `count` lists of `width` ids, where they lie.
  private func array(_ kind: IndexFile.Kind, _ count: Int, rowOf width: Int) throws(MillError) -> SharedArray<UInt32> {
    guard let bytes = try unsafe bytes(kind, count, 4 * width), let base = bytes.baseAddress else { return .empty }
    return unsafe SharedArray(base: base.assumingMemoryBound(to: UInt32.self), count: count * width, owner: file)
  }

  private func codes(of vectors: VectorTable, _ metric: Metric) throws(MillError) -> VectorCodes? {
    guard parameters.quantization > 0 else { return nil }
    let form: Quantization = try IndexFile.value(parameters.quantization, "quantization")
    let type: ElementType =
      switch form {
      case .uint8: .uint8
      case .bfloat16: .bfloat16
      case .float16: .float16
      case .bit: .bit
      }
    guard vectors.elementType == .float32, [.l2, .cosine, .innerProduct].contains(metric) else {
      throw MillError(.malformed, "codes for vectors that have none")
    }
    let stride = VectorTable.preferredStride(type, dimension: vectors.dimension)
    let base = try unsafe bytes(.codes, n, stride)?.baseAddress ?? UnsafeRawPointer(file.base)
    let means = try copy(.codeParameters, form == .bit ? vectors.dimension : 0, of: Float.self)
    guard form != .bit || means.count == vectors.dimension else {
      throw MillError(.malformed, "the means are missing")
    }
    let (offset, scale) = (Float(bitPattern: parameters.codeOffset), Float(bitPattern: parameters.codeScale))
    guard offset.isFinite, scale.isFinite, scale > 0 else { throw MillError(.malformed, "an impossible code scale") }
    return unsafe VectorCodes(
      form: form,
      table: VectorTable(mapped: base, type, dimension: vectors.dimension, stride: stride, count: n, owner: file),
      metric: metric, offset: offset, scale: scale, means: means)
  }

  /// Checksums and padding.
  func verifyBytes() throws(MillError) {
    try sections.checkPadding()
    for section in sections.sections { try sections.checkSum(of: section) }
  }

  /// Checksums, padding, and that every link leads to a node that exists on its level.
  func verifyAll(_ links: LinkStore) throws(MillError) {
    try verifyBytes()
    let view = links.view
    func malformed(_ what: String, _ id: Int) -> MillError { MillError(.malformed, "object \(id): \(what)") }
    var next = 0
    for id in 0..<n {
      let level = unsafe Int(links.levels[id])
      guard level <= LevelDraw.maximum || level == Int(LinkStore.chained) else {
        throw malformed("impossible level", id)
      }
      let lists = level == Int(LinkStore.chained) ? 0 : level
      guard unsafe links.upperStarts[id] == (lists == 0 ? LinkStore.none : UInt32(next)) else {
        throw malformed("its upper lists are misplaced", id)
      }
      next += lists
      guard next <= links.upperLists else { throw malformed("its upper lists are missing", id) }
      for at in 0...lists {
        guard let list = unsafe view.list(UInt32(id), at) else { continue }
        let length = unsafe view.length(list, at)
        for i in 0..<view.cap(at) {
          guard unsafe i < length || list[i] == LinkStore.none else {
            throw malformed("a link behind the end of its list", id)
          }
          guard i < length else { continue }
          let target = unsafe Int(list[i])
          guard target != id, unsafe links.levels[target] != LinkStore.chained, unsafe Int(links.levels[target]) >= at
          else {
            throw malformed("a link to \(target), which has no level \(at)", id)
          }
        }
      }
    }
    guard next == links.upperLists else { throw MillError(.malformed, "upper lists without a node") }
  }
}
