import CGraphmill
import MillRuntime

/// Where a function of the header puts a handle or an error.
public typealias HandleOut = UnsafeMutablePointer<OpaquePointer?>?

/// Runs what a C function does: a failure becomes its code, and an error at `error` unless that is null.
func door(_ error: HandleOut, _ body: () throws(MillError) -> Void) -> Int32 {
  unsafe error?.pointee = nil
  do throws(MillError) {
    try body()
    return 0
  } catch let failure {
    if let error = unsafe error { unsafe error.pointee = owned(ErrorTexts(failure)) }
    return failure.exitCode
  }
}

/// Runs what a C function makes: the handle of the result goes to `out`.
func door(_ out: HandleOut, _ error: HandleOut, _ body: () throws(MillError) -> some AnyObject) -> Int32 {
  unsafe out?.pointee = nil
  return unsafe door(error) { () throws(MillError) in
    guard let out = unsafe out else { throw .null("out") }
    let made = try body()
    unsafe out.pointee = owned(made)
  }
}

/// An object as a handle that owns it once.
func owned(_ object: some AnyObject) -> OpaquePointer {
  unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

/// The object of a handle, which keeps owning it.
///
/// - Throws: `MillError` of kind `bad-option` for null.
func object<Object: AnyObject>(
  _ handle: OpaquePointer?, _: Object.Type, _ name: String
) throws(MillError) -> Object {
  guard let handle = unsafe handle else { throw .null(name) }
  return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

/// Gives a handle's object up.
func free<Object: AnyObject>(_ handle: OpaquePointer?, _: Object.Type) {
  if let handle = unsafe handle { unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release() }
}

/// A structure of options: the fields that the caller knows, 0 in the others.
///
/// - Throws: `MillError` of kind `bad-option` for a size that is none, and for fields of a later version that are set.
func options<Options>(_ given: UnsafePointer<Options>?, _ zero: Options) throws(MillError) -> Options {
  guard let given = unsafe given else { return zero }
  let bytes = unsafe UnsafeRawPointer(given)
  let size = Int(unsafe bytes.load(as: UInt32.self))
  guard (4...4096).contains(size) else {
    throw MillError(.badOption, "the size of the options is not set", field: "\(size)")
  }
  let known = min(size, MemoryLayout<Options>.size)
  for byte in known..<size where unsafe bytes.load(fromByteOffset: byte, as: UInt8.self) != 0 {
    throw MillError(.badOption, "the options have fields that this version does not know", field: "byte \(byte)")
  }
  var options = zero
  unsafe withUnsafeMutableBytes(of: &options) {
    unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: known))
  }
  return options
}

/// Fills a structure of results: the fields that the caller has room for, by the size that it set.
///
/// - Throws: `MillError` of kind `bad-option` for null and for a size that is none.
func fill<Results>(_ place: UnsafeMutablePointer<Results>?, _ results: Results, _ name: String) throws(MillError) {
  guard let place = unsafe place else { throw .null(name) }
  let bytes = UnsafeMutableRawPointer(place)
  let size = Int(unsafe bytes.load(as: UInt32.self))
  guard (4...4096).contains(size) else {
    throw MillError(.badOption, "the size of \(name) is not set", field: "\(size)")
  }
  unsafe withUnsafeBytes(of: results) { fields in
    let known = min(size, fields.count)
    if known > 4 { unsafe (bytes + 4).copyMemory(from: fields.baseAddress! + 4, byteCount: known - 4) }
  }
}

/// The text of a C string; nil for null.
///
/// - Throws: `MillError` of kind `bad-option`.
func text(_ string: UnsafePointer<CChar>?, _ name: String) throws(MillError) -> String? {
  guard let string = unsafe string else { return nil }
  guard let text = unsafe String(validatingCString: string) else {
    throw MillError(.badOption, "\(name) is not UTF-8")
  }
  return text
}

/// The text of a C string that must be there.
///
/// - Throws: `MillError`: `bad-option`.
func needed(_ string: UnsafePointer<CChar>?, _ name: String) throws(MillError) -> String {
  guard let text = try unsafe text(string, name) else { throw .null(name) }
  return text
}

/// The case of a word; `standard` for null.
///
/// - Throws: `MillError` of kind `bad-option` with the words that there are.
func word<Choice: RawRepresentable & CaseIterable>(
  _ string: UnsafePointer<CChar>?, _ name: String, _ standard: Choice
) throws(MillError) -> Choice where Choice.RawValue == String {
  guard let text = try unsafe text(string, name) else { return standard }
  guard let choice = Choice(rawValue: text) else {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw MillError(.badOption, "there is no such \(name)", field: text, hint: "there are: \(words)")
  }
  return choice
}

/// A number as an index or count, within bounds.
///
/// - Throws: `MillError` of kind `bad-option`.
func number(_ value: Int64, _ name: String, in range: ClosedRange<Int>) throws(MillError) -> Int {
  guard range.contains(Int(value)) else {
    throw MillError(.badOption, "\(name) must be in \(range.lowerBound)...\(range.upperBound)", field: "\(value)")
  }
  return Int(value)
}

/// The values of a caller's list.
///
/// - Throws: `MillError` of kind `bad-option` for null and for more values than `limit`.
func list<Value>(
  _ base: UnsafePointer<Value>?, _ count: Int64, _ name: String, atMost limit: Int = 1 << 20
) throws(MillError) -> [Value] {
  let count = try number(count, "the number of \(name)", in: 0...limit)
  guard unsafe count == 0 || base != nil else { throw .null(name) }
  return unsafe Array(UnsafeBufferPointer(start: base, count: count))
}

/// The largest number of items that any array of a caller may have.
let largestCount = 1 << 40

/// Copies an array of results into the caller's, whose length must be that.
///
/// - Throws: `MillError` of kind `bad-option` for null and for another length.
func copy<Element: BitwiseCopyable>(
  _ results: SharedArray<Element>, to place: UnsafeMutablePointer<Element>?, length: Int64, _ name: String
) throws(MillError) {
  let target = try unsafe array(place, length: length, expected: results.count, name)
  unsafe results.withUnsafeBufferPointer { source in
    if let start = source.baseAddress { unsafe target?.update(from: start, count: source.count) }
  }
}

/// The array of a caller, whose length must be `expected`; nil where that is 0.
///
/// - Throws: `MillError` of kind `bad-option` for null and for another length.
func array<Element>(
  _ place: UnsafeMutablePointer<Element>?, length: Int64, expected: Int, _ name: String
) throws(MillError) -> UnsafeMutablePointer<Element>? {
  guard length == Int64(expected) else {
    throw MillError(.badOption, "\(name) needs room for \(expected) values", field: "\(length)")
  }
  guard expected > 0 else { return nil }
  guard let place = unsafe place else { throw .null(name) }
  return unsafe place
}

extension MillError {
  /// Null where there has to be something.
  static func null(_ name: String) -> MillError { MillError(.badOption, "\(name) is null") }
}

/// The version of the interface.
@c @implementation
public func gm_abi_version() -> Int32 { GM_ABI_VERSION }
