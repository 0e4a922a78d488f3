import GraphStore
public import MillRuntime
public import VectorStore

extension ObjectIndex {
  /// Writes the index with its objects; the same index gives the same bytes.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - replaces: Whether a file that is there is replaced, at once and as a whole.
  ///   - context: Threads.
  ///   - encode: The bytes of an object, from which ``open(_:space:spaceName:verify:decode:)`` makes it again.
  /// - Returns: The number of bytes.
  /// - Throws: `MillError`, also `cannot-create` when the file exists and `replaces` is false.
  @discardableResult
  public func write(
    to path: String, replaces: Bool = false, context: RunContext = .init(), encode: (Space.Object) -> [UInt8]
  ) throws(MillError) -> Int {
    var offsets: [UInt64] = [0]
    var bytes: [UInt8] = []
    offsets.reserveCapacity(count + 1)
    for i in 0..<count {
      bytes += encode(objects[i])
      offsets.append(UInt64(bytes.count))
    }
    return try write(to: path, replaces: replaces, context) { sections throws(MillError) in
      try sections.addCopy(.objectOffsets, offsets)
      try sections.addCopy(.objectBytes, bytes)
    }
  }

  /// Writes the index without its objects, which are kept elsewhere; see ``open(_:over:spaceName:verify:)``.
  ///
  /// - Returns: The number of bytes.
  /// - Throws: `MillError`, also `cannot-create` when the file exists and `replaces` is false.
  @discardableResult
  public func write(
    to path: String, replaces: Bool = false, context: RunContext = .init()
  ) throws(MillError) -> Int {
    try write(to: path, replaces: replaces, context) { _ throws(MillError) in }
  }

  private func write(
    to path: String, replaces: Bool, _ context: RunContext,
    addObjects: (inout IndexFile.Sections) throws(MillError) -> Void
  ) throws(MillError) -> Int {
    var parameters = IndexFile.Parameters(.objects)
    core.describe(in: &parameters)
    var sections = IndexFile.Sections()
    try sections.addCopy(.parameters, [parameters])
    core.addLists(to: &sections)
    try core.addExtras(to: &sections)
    try sections.addCopy(.spaceName, Array(spaceName.utf8))
    try addObjects(&sections)
    let counts = (UInt64(count), UInt64(core.links.upperLists), UInt64(0))
    let bytes = try sections.write(to: path, replaces: replaces, counts: counts, context)
    withExtendedLifetime(self) {}
    return bytes
  }

  /// Opens an index that was written with its objects; the links stay in the mapped file.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - space: The distance.
  ///   - spaceName: What the file must call the space; nil for the name of its type.
  ///   - verify: How much is checked.
  ///   - decode: Makes an object of the bytes that it was written as; nil where they are none.
  /// - Throws: `MillError` for every damage, as ``HNSWIndex/open(_:mapped:verify:context:)``; `other-method` for an
  ///   index of vectors, `other-space` for one of another space, `malformed` for an object that cannot be decoded and a
  ///   file without objects.
  /// - Complexity: O(1) in links, one call an object.
  public static func open(
    _ path: String, space: Space, spaceName: String? = nil, verify: IndexVerification = .quick,
    decode: ([UInt8]) -> Space.Object?
  ) throws(MillError) -> ObjectIndex {
    do throws(MillError) {
      let reader = try IndexReader(try MappedFile(path: path))
      try reader.require(.objects)
      let table = ObjectTable(space, try reader.objects(decode))
      return try reader.objectIndex(table, spaceName ?? usualSpaceName, hints: nil, verify)
    } catch {
      throw error.inFile(path)
    }
  }

  /// Opens an index over objects that are kept elsewhere; the links stay in the mapped file.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - objects: The objects that the index was built of, in the same order.
  ///   - spaceName: What the file must call the space; nil for the name of its type.
  ///   - verify: How much is checked.
  /// - Throws: `MillError` for every damage; `other-method`, `other-space`, `malformed` for another number of objects.
  /// - Complexity: O(1) in links.
  public static func open(
    _ path: String, over objects: ObjectTable<Space>, spaceName: String? = nil, verify: IndexVerification = .quick
  ) throws(MillError) -> ObjectIndex {
    try open(path, over: objects, spaceName: spaceName ?? usualSpaceName, hints: nil, verify)
  }

  static func open(
    _ path: String, over objects: ObjectTable<Space>, spaceName: String, hints: EntryHints?,
    _ verify: IndexVerification
  ) throws(MillError) -> ObjectIndex {
    do throws(MillError) {
      let reader = try IndexReader(try MappedFile(path: path))
      try reader.require(.objects)
      return try reader.objectIndex(objects, spaceName, hints: hints, verify)
    } catch {
      throw error.inFile(path)
    }
  }
}

extension IndexReader {
  /// The objects of the file.
  fileprivate func objects<Object>(_ decode: ([UInt8]) -> Object?) throws(MillError) -> [Object] {
    guard sections.section(IndexFile.Kind.objectOffsets.rawValue) != nil else {
      throw MillError(.malformed, "the file holds no objects", hint: "open it over the objects that it was built of")
    }
    let offsets: SharedArray<UInt64> = try array(.objectOffsets, n + 1)
    let length = sections.section(IndexFile.Kind.objectBytes.rawValue)?.length ?? 0
    let bytes: SharedArray<UInt8> = try array(.objectBytes, length)
    guard offsets[0] == 0, offsets[n] == UInt64(length) else {
      throw MillError(.malformed, "the objects have \(length) bytes, the list of them says \(offsets[n])")
    }
    var objects: [Object] = []
    objects.reserveCapacity(n)
    for i in 0..<n {
      let (start, end) = (offsets[i], offsets[i + 1])
      guard start <= end, end <= UInt64(length) else {
        throw MillError(.malformed, "object \(i) ends before it begins, or behind the last")
      }
      guard let object = decode(Array(bytes[Int(start)..<Int(end)])) else {
        throw MillError(.malformed, "object \(i) cannot be decoded")
      }
      objects.append(object)
    }
    return objects
  }

  /// The graph of the file over these objects.
  fileprivate func objectIndex<Space: ObjectSpace>(
    _ objects: ObjectTable<Space>, _ spaceName: String, hints: EntryHints?, _ verify: IndexVerification
  ) throws(MillError) -> ObjectIndex<Space> {
    let length = sections.section(IndexFile.Kind.spaceName.rawValue)?.length ?? 0
    let name: SharedArray<UInt8> = try array(.spaceName, length)
    guard name.elementsEqual(spaceName.utf8) else {
      let found = String(decoding: name.prefix(80), as: UTF8.self)
      throw MillError(.otherSpace, "an index of objects of '\(found)', not of '\(spaceName)'")
    }
    guard objects.count == n else {
      throw MillError(.malformed, "an index of \(n) objects, there are \(objects.count)")
    }
    let core = try core(over: objects.points, hints: hints)
    if verify == .full { try verifyAll(core.links) }
    return ObjectIndex(objects, spaceName: spaceName, core)
  }
}
