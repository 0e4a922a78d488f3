import Glibc
import GraphStore
public import MillRuntime
import VectorStore

extension NSWIndex {
  /// Writes the index under its final name; the same index gives the same bytes.
  ///
  /// - Returns: The number of bytes.
  /// - Throws: `MillError`, also `cannot-create` when the file exists and `replaces` is false.
  @discardableResult
  public func write(
    to path: String, replaces: Bool = false, context: RunContext = .init()
  ) throws(MillError) -> Int {
    var parameters = IndexFile.Parameters(.nsw, vectors, metric)
    parameters.m = UInt32(options.links)
    parameters.restarts = UInt32(options.buildRestarts)
    parameters.seed = options.seed
    parameters.switches = options.shuffles ? 8 : 0
    var sections = IndexFile.Sections()
    try sections.addCopy(.parameters, [parameters])
    sections.add(.listOffsets, offsets.base, 8 * offsets.count)
    sections.add(.listTargets, targets.base, 4 * targets.count)
    sections.add(.rows, vectors.base, count * vectors.stride)
    if let keys { sections.add(.keys, keys.base, 8 * keys.count) }
    if let norms { sections.add(.norms, norms.base, 4 * norms.count) }
    let counts = (UInt64(count), UInt64(targets.count), UInt64(0))
    let bytes = try sections.write(to: path, replaces: replaces, counts: counts, context)
    withExtendedLifetime(self) {}
    return bytes
  }

  /// Opens an index file.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - mapped: Whether the file is searched where it lies, or read into memory. A mapped file must not be changed in
  ///     place.
  ///   - verify: How much is checked.
  /// - Throws: `MillError` for every damage: `not-a-container`, `unsupported-version`, `truncated`,
  ///   `trailing-garbage`, `corrupt-header`, `malformed`, `checksum-mismatch`; `other-method` for an ``HNSWIndex``.
  /// - Complexity: O(1) when mapped and verified quickly.
  public static func open(
    _ path: String, mapped: Bool = true, verify: IndexVerification = .quick
  ) throws(MillError) -> NSWIndex {
    do throws(MillError) {
      return try IndexReader(try MappedFile(path: path, mapped: mapped)).nswIndex(verify)
    } catch {
      throw error.inFile(path)
    }
  }
}

extension IndexReader {
  /// The flat graph of the file, where it lies.
  func nswIndex(_ verify: IndexVerification) throws(MillError) -> NSWIndex {
    try require(.nsw)
    var options = NSWOptions()
    options.links = Int(parameters.m)
    options.buildRestarts = Int(parameters.restarts)
    options.seed = parameters.seed
    options.shuffles = parameters.switches & 8 != 0
    do throws(ProximityError) { try options.validate() } catch {
      throw MillError(.malformed, error.millError.message)
    }
    guard let links = Int(exactly: sections.counts.1), sections.counts.2 == 0 else {
      throw MillError(.malformed, "an impossible count", byte: 32)
    }
    let (vectors, points, metric) = try points()
    let offsets: StoredArray<UInt64> = try array(.listOffsets, n + 1)
    guard offsets.base[0] == 0, offsets.base[n] == UInt64(links) else {
      throw MillError(.malformed, "the lists have \(offsets.base[n]) links, the header says \(links)")
    }
    let keys: StoredArray<Int64>? = try optionalArray(.keys)
    let norms: StoredArray<Float>? = try optionalArray(.norms)
    guard (norms != nil) == (metric == .cosine) || n == 0 else {
      throw MillError(.malformed, "norms belong to the cosine distance")
    }
    let index = NSWIndex(
      metric: metric, options: options, vectors: vectors, points: points, offsets: offsets,
      targets: try array(.listTargets, links), keys: keys, norms: norms)
    if verify == .full { try verifyAll(index) }
    return index
  }

  private func array<Element: BitwiseCopyable>(
    _ kind: IndexFile.Kind, _ count: Int
  ) throws(MillError) -> StoredArray<Element> {
    let bytes = try bytes(kind, count, MemoryLayout<Element>.stride) ?? UnsafeRawBufferPointer(start: nil, count: 0)
    return StoredArray(bytes, owner: file, empty: file.base)
  }

  /// One value an object; nil where there is no such section.
  private func optionalArray<Element: BitwiseCopyable>(
    _ kind: IndexFile.Kind
  ) throws(MillError) -> StoredArray<Element>? {
    sections.section(kind.rawValue) == nil ? nil : try array(kind, n)
  }

  /// Checksums, and that the lists are those of an undirected graph: ascending offsets and lists, links to other nodes
  /// that exist, each there and back. Keys are distinct and not negative.
  private func verifyAll(_ index: NSWIndex) throws(MillError) {
    try verifyBytes()
    let offsets = index.offsets.base
    func malformed(_ what: String, _ id: Int) -> MillError { MillError(.malformed, "object \(id): \(what)") }
    for id in 0..<n where offsets[id] > offsets[id + 1] { throw malformed("its list ends before it begins", id) }
    // Sources in ascending order ask their targets for the way back: each list, ascending too, is read once in order.
    let cursors = try FlatBuffer<UInt64>(count: n + 1)
    memcpy(cursors.base, offsets, 8 * (n + 1))
    let targets = index.targets.base
    for id in 0..<n {
      var last = -1
      for at in Int(offsets[id])..<Int(offsets[id + 1]) {
        let target = Int(targets[at])
        guard target > last else { throw malformed("its links are not in order, each once", id) }
        guard target < n, target != id else { throw malformed("a link to \(target)", id) }
        last = target
        let back = Int(cursors.base[target])
        guard back < Int(offsets[target + 1]), Int(targets[back]) == id else {
          throw malformed("a link to \(target), which has none back", id)
        }
        cursors.base[target] += 1
      }
    }
    guard let keys = index.keys else { return }
    var sorted = Array(UnsafeBufferPointer(start: keys.base, count: n))
    sorted.sort()
    guard sorted.first ?? 0 >= 0 else { throw MillError(.malformed, "a key is negative") }
    for (key, next) in zip(sorted, sorted.dropFirst()) where key == next {
      throw MillError(.malformed, "the key \(key) occurs twice")
    }
  }
}
