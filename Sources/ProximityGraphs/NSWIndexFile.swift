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
    parameters.switches = options.shuffles ? IndexFile.Switches.shuffles.rawValue : 0
    var sections = IndexFile.Sections()
    try sections.addCopy(.parameters, [parameters])
    sections.add(.listOffsets, offsets)
    sections.add(.listTargets, targets)
    unsafe sections.add(.rows, vectors.base, count * vectors.stride)
    if let keys = try names.stored() { sections.add(.keys, keys) }
    try sections.add(names.texts)
    if let norms { sections.add(.norms, norms) }
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
    options.shuffles = try switches().contains(.shuffles)
    do throws(MillError) { try options.validate() } catch { throw MillError(.malformed, error.message) }
    guard let links = Int(exactly: sections.counts.1), sections.counts.2 == 0 else {
      throw MillError(.malformed, "an impossible count", byte: 32)
    }
    let (vectors, points, metric) = try points()
    let offsets: SharedArray<UInt64> = try array(.listOffsets, n + 1)
    guard offsets[0] == 0, offsets[n] == UInt64(links) else {
      throw MillError(.malformed, "the lists have \(offsets[n]) links, the header says \(links)")
    }
    let keys: SharedArray<Int64>? = try optionalArray(.keys)
    let norms: SharedArray<Float>? = try optionalArray(.norms)
    guard (norms != nil) == (metric == .cosine) || n == 0 else {
      throw MillError(.malformed, "norms belong to the cosine distance")
    }
    let index = NSWIndex(
      metric: metric, options: options, vectors: vectors, points: points, offsets: offsets,
      targets: try array(.listTargets, links), names: ObjectNames(count: n, mapped: keys, texts: try texts(verify)),
      norms: norms)
    if verify == .full { try verifyAll(index, keys) }
    return index
  }

  /// Checksums, and that the lists are those of an undirected graph: ascending offsets and lists, links to other nodes
  /// that exist, each there and back. Keys are distinct and not negative.
  private func verifyAll(_ index: NSWIndex, _ keys: SharedArray<Int64>?) throws(MillError) {
    try verifyBytes()
    let offsets = unsafe index.offsets.base
    func malformed(_ what: String, _ id: Int) -> MillError { MillError(.malformed, "object \(id): \(what)") }
    for id in 0..<n where unsafe offsets[id] > offsets[id + 1] { throw malformed("its list ends before it begins", id) }
    // Sources in ascending order ask their targets for the way back: each list, ascending too, is read once in order.
    let cursors = try FlatBuffer<UInt64>(count: n + 1)
    unsafe memcpy(cursors.base, offsets, 8 * (n + 1))
    let targets = unsafe index.targets.base
    for id in 0..<n {
      var last = -1
      for at in unsafe Int(offsets[id])..<Int(offsets[id + 1]) {
        let target = unsafe Int(targets[at])
        guard target > last else { throw malformed("its links are not in order, each once", id) }
        guard target < n, target != id else { throw malformed("a link to \(target)", id) }
        last = target
        let back = unsafe Int(cursors.base[target])
        guard unsafe back < Int(offsets[target + 1]), unsafe Int(targets[back]) == id else {
          throw malformed("a link to \(target), which has none back", id)
        }
        unsafe cursors.base[target] += 1
      }
    }
    guard let keys else { return }
    let sorted = keys.sorted()
    guard sorted.first ?? 0 >= 0 else { throw MillError(.malformed, "a key is negative") }
    for (key, next) in zip(sorted, sorted.dropFirst()) where key == next {
      throw MillError(.malformed, "the key \(key) occurs twice")
    }
  }
}
