import GraphStore
import MillRuntime
import VectorStore

/// How the objects of an index are named: keys by number and numbers by key, and which objects were removed.
///
/// Numbers are the rows `0..<count`; keys are the numbers themselves until others are given. The way back from keys is a
/// table that is made under a lock when it is first needed, so that look-ups may run on many threads. Objects may have
/// texts as names besides.
struct ObjectNames: Sendable {
  private enum Keys {
    case numbers
    case own([Int])
    case mapped(SharedArray<Int64>)
  }

  /// Objects, removed ones included.
  private(set) var count: Int
  private var keys: Keys
  /// A bit for every removed object; empty while there is none.
  private(set) var removed: [UInt64] = []
  private(set) var removedCount = 0
  private var largestKey: Int?
  /// The name of every object, by number; nil where objects have keys alone.
  private(set) var texts: ObjectTexts?
  private var table = KeyTable()

  /// Keys of `count` objects; nil for their numbers.
  init(count: Int, keys: [Int]? = nil, texts: NodeNames.LabelTable? = nil) {
    self.count = count
    self.keys = keys.map { .own($0) } ?? .numbers
    self.texts = texts.map { ObjectTexts($0) }
  }

  /// What a file calls the objects: numbers are keys; beside names, the keys are the numbers of the objects.
  ///
  /// - Throws: `key-count`, `negative-key`, `empty-name`, `duplicate-key`, `over-budget`.
  init(count: Int, naming keys: VectorKeys?) throws(MillError) {
    switch keys {
    case nil: self.init(count: count)
    case .numbers(let keys):
      try checkKeys(keys, count: count)
      self.init(count: count, keys: keys)
    case .names(let names):
      try checkNames(names, count: count)
      self.init(count: count, texts: try NodeNames.LabelTable(names))
    }
  }

  /// Names where they lie in a file, trusted to be as many as the objects.
  init(
    count: Int, mapped keys: SharedArray<Int64>?, removed: [UInt64] = [], texts: NodeNames.LabelTable? = nil
  ) {
    self.count = count
    self.texts = texts.map { ObjectTexts($0) }
    self.keys = keys.map { .mapped($0) } ?? .numbers
    self.removed = removed
    removedCount = removed.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Whether keys are other than the numbers, or may be.
  var hasKeys: Bool { if case .numbers = keys { false } else { true } }
  /// Objects that were not removed.
  var liveCount: Int { count - removedCount }

  /// The key of object `number`.
  func key(_ number: UInt32) -> Int {
    switch keys {
    case .numbers: Int(number)
    case .own(let keys): keys[Int(number)]
    case .mapped(let keys): Int(keys[Int(number)])
    }
  }

  /// The name of object `number`; nil where objects have keys alone.
  func text(_ number: UInt32) -> String? { texts?[Int(number)] }

  /// The number of the object with a name; nil where there is none or it was removed.
  ///
  /// - Complexity: O(1), once O(count).
  func number(named text: String) -> UInt32? {
    guard let texts else { return nil }
    return table.texts.withLock { numbers in
      if numbers == nil { numbers = makeTable { texts[Int($0)] } }
      return numbers?[text]
    }
  }

  @inline(__always) func isRemoved(_ number: UInt32) -> Bool {
    !removed.isEmpty && removed[Int(number) >> 6] >> UInt64(number & 63) & 1 != 0
  }

  /// The number of the object with a key; nil where there is none or it was removed.
  ///
  /// - Complexity: O(1), once O(count).
  func number(of key: Int) -> UInt32? {
    guard hasKeys else {
      guard key >= 0, key < count, !isRemoved(UInt32(key)) else { return nil }
      return UInt32(key)
    }
    return table.numbers.withLock { numbers in
      if numbers == nil { numbers = makeTable { self.key($0) } }
      return numbers?[key]
    }
  }

  private func makeTable<Name: Hashable>(_ name: (_ number: UInt32) -> Name) -> [Name: UInt32] {
    var made = [Name: UInt32](minimumCapacity: count)
    for number in 0..<UInt32(count) where !isRemoved(number) { made[name(number)] = number }
    return made
  }

  /// Keys of all objects, in the order of their numbers; nil where they are the numbers.
  ///
  /// - Throws: `over-budget`.
  func stored() throws(MillError) -> SharedArray<Int64>? {
    switch keys {
    case .numbers: nil
    case .own(let keys): try SharedArray(copying: keys.map { Int64($0) })
    case .mapped(let keys): keys
    }
  }

  /// Found numbers as keys, by (distance, key), the first `k`.
  func named(_ found: [Neighbor], _ k: Int) -> [KeyedNeighbor] {
    let answers = found.map { KeyedNeighbor(key: key(UInt32($0.id)), distance: $0.distance) }
    return Array((hasKeys ? answers.sorted(by: precedes) : answers).prefix(k))
  }

  /// As ``named(_:_:)``, the keys as ids of a row of answers.
  func keyed(_ found: [Neighbor], _ k: Int) -> [Neighbor] {
    guard hasKeys else { return found.count > k ? Array(found.prefix(k)) : found }
    return named(found, k).map { Neighbor(id: $0.key, distance: $0.distance) }
  }

  /// The objects that are not removed and whose key fulfils the predicate.
  func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for number in 0..<UInt32(count) where !isRemoved(number) && isAllowed(key(number)) {
      words[Int(number) >> 6] |= 1 << UInt64(number & 63)
    }
    return SearchFilter(words: words)
  }

  /// The objects that have one of the keys.
  func filter(keys: some Sequence<Int>) -> SearchFilter {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for key in keys {
      if let number = number(of: key) { words[Int(number) >> 6] |= 1 << UInt64(number & 63) }
    }
    return SearchFilter(words: words)
  }

  // MARK: Changes

  /// The key after the largest one so far.
  mutating func freeKey() -> Int {
    let largest: Int
    switch keys {
    case .numbers: return count
    case .own(let keys): largest = largestKey ?? keys.max() ?? -1
    case .mapped(let keys): largest = largestKey ?? keys.max().map { Int($0) } ?? -1
    }
    largestKey = largest
    return largest + 1
  }

  /// Names the next object; one that has the key is removed.
  ///
  /// - Parameter text: Its name, where objects have names, as the first object decides.
  mutating func append(_ key: Int, text: String? = nil) {
    if let text {
      if texts == nil { texts = ObjectTexts() }
      texts?.append(text)
    }
    let number = UInt32(count)
    let old = self.number(of: key)
    if hasKeys || key != count { makeOwn() }
    if case .own(var own) = keys {
      keys = .numbers
      own.append(key)
      keys = .own(own)
    }
    count += 1
    if let old { mark(old) }
    if !removed.isEmpty, removed.count < (count + 63) / 64 { removed.append(0) }
    note(key, number, text: old.flatMap { self.text($0) }, nil)
    note(key, number, text: text, number)
    if let largest = largestKey { largestKey = max(largest, key) }
  }

  /// Removes the object `number` that has the key.
  mutating func remove(_ number: UInt32, key: Int) {
    makeOwn()
    mark(number)
    note(key, nil, text: text(number), nil)
  }

  private mutating func mark(_ number: UInt32) {
    while removed.count < (count + 63) / 64 { removed.append(0) }
    removed[Int(number) >> 6] |= 1 << UInt64(number & 63)
    removedCount += 1
  }

  private mutating func makeOwn() {
    switch keys {
    case .numbers: keys = .own(Array(0..<count))
    case .own: break
    case .mapped(let mapped): keys = .own(mapped.map { Int($0) })
    }
  }

  /// Changes the table where it is this value's alone; else leaves it to the others and makes a new one when needed.
  private mutating func note(_ key: Int, _ number: UInt32?, text: String?, _ named: UInt32?) {
    guard isKnownUniquelyReferenced(&table) else {
      table = KeyTable()
      return
    }
    table.numbers.withLock { $0?[key] = number }
    if let text { table.texts.withLock { $0?[text] = named } }
  }

  /// The names of the objects `order`, in that order; keys are stored from then on.
  ///
  /// - Parameter keepsRemoved: Whether removed objects among them stay removed.
  /// - Throws: `over-budget`.
  func reordered(_ order: [UInt32], keepsRemoved: Bool) throws(MillError) -> ObjectNames {
    let moved = try texts.map { texts throws(MillError) in try texts.selected(order) }
    var names = ObjectNames(count: order.count, keys: order.map { key($0) }, texts: moved)
    guard keepsRemoved, !removed.isEmpty else { return names }
    names.removed = [UInt64](repeating: 0, count: removed.count)
    for (new, old) in order.enumerated() where isRemoved(old) { names.removed[new >> 6] |= 1 << UInt64(new & 63) }
    names.removedCount = removedCount
    return names
  }
}

/// Numbers by key and by name, once somebody has asked for one.
private final class KeyTable: Sendable {
  let numbers = Lock<[Int: UInt32]?>.survivingFork(nil)
  let texts = Lock<[String: UInt32]?>.survivingFork(nil)
}
