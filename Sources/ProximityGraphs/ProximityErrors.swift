public import MillRuntime

extension MillError.Kind {
  /// A key that another object has.
  public static let duplicateKey = Self("duplicate-key", .badData)
  /// A key below 0.
  public static let negativeKey = Self("negative-key", .badData)
  /// A name without a letter.
  public static let emptyName = Self("empty-name", .badData)
  /// A key that no object has.
  public static let unknownKey = Self("unknown-key", .usage)
  /// Another number of keys than of vectors.
  public static let keyCount = Self("key-count", .usage)
  /// More objects than 31-bit numbers can name.
  public static let tooManyObjects = Self("too-many-objects", .unavailable)
  /// An index that lies in a mapped file was to be changed.
  public static let readOnlyIndex = Self("read-only-index", .usage)
  /// An index file of another method than was asked for.
  public static let otherMethod = Self("other-method", .badData)
  /// An index file of objects of another space than was asked for.
  public static let otherSpace = Self("other-space", .badData)
}

extension MillError {
  static func duplicateKey(_ key: Int) -> MillError { MillError(.duplicateKey, "the key \(key) occurs twice") }

  /// The key or the name of a row is that of an earlier one. Rows are counted from 0.
  static func duplicateKey(_ key: String, row: Int, earlier: Int) -> MillError {
    MillError(.duplicateKey, "the key \(key) occurs twice, in row \(earlier) and in row \(row)")
  }

  static func negativeKey(_ key: Int) -> MillError { MillError(.negativeKey, "the key \(key) is negative") }

  static func unknownKey(_ key: Int) -> MillError { MillError(.unknownKey, "no object has the key \(key)") }

  static var readOnlyIndex: MillError {
    MillError(.readOnlyIndex, "a mapped index is read-only", hint: "load it into memory to change it")
  }
}

/// Makes sure that 31-bit numbers can name all objects.
func checkObjectCount(_ count: Int) throws(MillError) {
  guard count < 1 << 31 - 1 else { throw MillError(.tooManyObjects, "\(count) objects, at most 2^31 - 2") }
}

/// Makes sure that keys are distinct and not negative, one for each of `count` objects.
func checkKeys(_ keys: [Int], count: Int) throws(MillError) {
  guard keys.count == count else { throw MillError(.keyCount, "\(keys.count) keys for \(count) vectors") }
  var seen = [Int: Int](minimumCapacity: keys.count)
  for (row, key) in keys.enumerated() {
    guard key >= 0 else { throw .negativeKey(key) }
    if let earlier = seen.updateValue(row, forKey: key) {
      throw .duplicateKey("\(key)", row: row, earlier: earlier)
    }
  }
}

/// Makes sure that names are distinct and not empty, one for each of `count` objects.
func checkNames(_ names: [String], count: Int) throws(MillError) {
  guard names.count == count else { throw MillError(.keyCount, "\(names.count) names for \(count) vectors") }
  var seen = [String: Int](minimumCapacity: names.count)
  for (row, name) in names.enumerated() {
    guard !name.isEmpty else { throw MillError(.emptyName, "the name of row \(row) is empty") }
    if let earlier = seen.updateValue(row, forKey: name) {
      throw .duplicateKey("'\(name.prefix(40))'", row: row, earlier: earlier)
    }
  }
}
