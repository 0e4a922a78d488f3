import MillRuntime

/// A reader under test: good files to begin with, and what is done with a file, whatever is in it.
struct FuzzReader: Sendable {
  /// Its name on the command line and the folder of its corpus.
  let name: String
  /// How the name of the file ends.
  let ending: String
  /// Good files, made by our own writers or by hand.
  let seeds: @Sendable (_ folder: String) throws -> [[UInt8]]
  /// Words of the format.
  var words: [String] = []
  /// Makes checksums good again.
  var seal: (@Sendable (inout [UInt8]) -> Void)?
  /// Reads the file and looks at all that was read; a short word on what there was. `number` picks options.
  let read: @Sendable (_ path: String, _ number: UInt64) throws(MillError) -> String

  /// All readers, in the order in which the table names them.
  static let all: [FuzzReader] = graphs + containers + vectors + texts

  /// The reader of a name.
  static func named(_ name: String) -> FuzzReader? { all.first { $0.name == name } }
}
