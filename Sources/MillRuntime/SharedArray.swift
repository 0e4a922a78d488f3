/// An immutable array of plain values that owns its memory: the elements live as long as any copy of the array does.
///
/// ```swift
/// let distances = try breadthFirstSearch(of: graph, from: 0).distances  // graph and result may go
/// print(distances.count, distances[2], distances.max() ?? 0)
/// ```
///
/// Graphs, names and the results of engines keep all large data in such arrays. A copy costs one retain and shares the
/// elements, which nobody can write; subscripts are checked; reading from many threads is safe. The memory is a
/// ``FlatBuffer`` that was given away, or a part of a ``MappedFile``. Hot loops take the bare memory for the time of a
/// closure, which holds the owner: ``withUnsafeBufferPointer(_:)``.
@safe public struct SharedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// The first element. Whoever takes it keeps a copy of the array alive while it is used.
  @usableFromInline package let base: UnsafePointer<Element>
  /// The number of elements.
  public let count: Int
  @usableFromInline let owner: any AnyObject & Sendable

  /// Takes over a filled buffer, which nobody may write or truncate from now on. O(1).
  public init(_ buffer: FlatBuffer<Element>) {
    buffer.giveAway()
    unsafe self.init(base: UnsafePointer(buffer.base), count: buffer.count, owner: buffer)
  }

  /// Takes over a buffer whose memory was filled anew, with `count` elements of this type. O(1).
  package init<Former>(refilled buffer: FlatBuffer<Former>, count: Int) {
    precondition(count * MemoryLayout<Element>.stride <= buffer.count * MemoryLayout<Former>.stride)
    buffer.giveAway()
    let memory = unsafe UnsafeMutableRawPointer(buffer.base).assumingMemoryBound(to: Element.self)
    unsafe self.init(base: UnsafePointer(memory), count: count, owner: buffer)
  }

  /// A copy of `elements` in memory of its own.
  ///
  /// - Throws: ``MillError`` of kind `over-budget`.
  public init(copying elements: some Collection<Element>) throws(MillError) {
    let buffer = try FlatBuffer<Element>(uninitializedCount: elements.count)
    let target = unsafe buffer.base
    let isCopied: Void? = elements.withContiguousStorageIfAvailable { source in
      if let start = source.baseAddress { unsafe target.update(from: start, count: source.count) }
    }
    if isCopied == nil {
      for (i, element) in elements.enumerated() { unsafe target[i] = element }
    }
    self.init(buffer)
  }

  /// Elements inside memory that `owner` keeps alive and nobody writes.
  package init(base: UnsafePointer<Element>, count: Int, owner: any AnyObject & Sendable) {
    unsafe self.base = base
    self.count = count
    self.owner = owner
  }

  /// An array without elements.
  public static var empty: SharedArray {
    // Never read, but not null: some callers step over the address.
    unsafe SharedArray(
      base: UnsafePointer(bitPattern: MemoryLayout<Element>.alignment)!, count: 0, owner: NoMemory.shared)
  }

  /// All elements as a bare view. Valid as long as a copy of the array lives.
  package var elements: UnsafeBufferPointer<Element> { unsafe UnsafeBufferPointer(start: base, count: count) }

  /// Hands `body` the elements as bare memory, for hot loops; valid until `body` returns.
  @inlinable public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try unsafe body(UnsafeBufferPointer(start: base, count: count))
  }

  /// The elements of a part of the array, which share its memory. O(1).
  ///
  /// - Precondition: the range lies within the array.
  public func shared(_ range: Range<Int>) -> SharedArray {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range out of bounds")
    return unsafe SharedArray(base: base + range.lowerBound, count: range.count, owner: owner)
  }
}

/// Owns nothing: the owner of arrays without elements.
private final class NoMemory: Sendable {
  static let shared = NoMemory()
}

extension SharedArray: RandomAccessCollection {
  /// 0.
  @inlinable public var startIndex: Int { 0 }
  /// ``count``.
  @inlinable public var endIndex: Int { count }

  /// The element at `index`; an index out of range ends the process.
  @inlinable public subscript(index: Int) -> Element {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
    // The owner must outlive the load, also where the array is a temporary.
    return withExtendedLifetime(owner) { unsafe base[index] }
  }

  /// Walks over the elements without a check for each.
  @safe public struct Iterator: IteratorProtocol {
    @usableFromInline var place: UnsafePointer<Element>
    @usableFromInline let end: UnsafePointer<Element>
    @usableFromInline let owner: any AnyObject & Sendable

    @inlinable init(_ array: SharedArray) {
      unsafe place = array.base
      unsafe end = array.base + array.count
      owner = array.owner
    }

    /// The next element, nil at the end.
    @inlinable public mutating func next() -> Element? {
      guard unsafe place < end else { return nil }
      defer { unsafe place += 1 }
      return withExtendedLifetime(owner) { unsafe place.pointee }
    }
  }

  /// An iterator over all elements, in order.
  @inlinable public func makeIterator() -> Iterator { Iterator(self) }

  /// Hands `body` all elements as contiguous memory: what the standard library's fast paths ask for.
  @inlinable public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    defer { withExtendedLifetime(owner) {} }
    return unsafe try body(UnsafeBufferPointer(start: base, count: count))
  }
}

extension SharedArray: Equatable where Element: Equatable {
  /// Whether both hold equal elements in the same order. O(1) for copies of one array.
  public static func == (one: SharedArray, other: SharedArray) -> Bool {
    guard one.count == other.count else { return false }
    return unsafe one.base == other.base || one.elementsEqual(other)
  }
}

extension SharedArray: Hashable where Element: Hashable {
  /// Feeds all elements to `hasher`.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for element in self { hasher.combine(element) }
  }
}

extension SharedArray: CustomStringConvertible {
  /// The elements as an array prints them; of a long array the first ten and the count.
  public var description: String {
    if count <= 20 { return "\(Array(self))" }
    return "[\(prefix(10).map { "\($0)" }.joined(separator: ", ")), … \(count) in all]"
  }
}

extension SharedArray: Encodable where Element: Encodable {
  /// Writes the elements as an array.
  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for element in self { try list.encode(element) }
  }
}

extension SharedArray: Decodable where Element: Decodable {
  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws { try self.init(copying: [Element](from: decoder)) }
}
