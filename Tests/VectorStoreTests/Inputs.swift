import Glibc
import MillRuntime

@testable import VectorStore

/// What a reader makes of bytes that are not on a disk.
func reading(
  _ bytes: [UInt8], _ name: String, options: VectorReadOptions = .init()
) throws(MillError) -> VectorReading {
  try read(VectorInput(bytes, name: name, options: options))
}

/// The same of a text.
func reading(
  text: String, _ name: String = "v.csv", options: VectorReadOptions = .init()
) throws(MillError) -> VectorReading {
  try reading(Array(text.utf8), name, options: options)
}

extension VectorReading {
  /// All rows as floats.
  var rows: [[Float]] { (0..<vectors.count).map { vectors[$0] } }
}

/// The bytes of numbers in the order of this machine.
func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

/// A NumPy array with a header of the test's own words.
func npy(_ type: String, fortran: Bool = false, shape: String, _ data: [UInt8]) -> [UInt8] {
  var text = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': (\(shape)), }"
  while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
  text += "\n"
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + data
}
