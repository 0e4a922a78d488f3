/// What vectors are for; it tells which of several datasets of a file is meant.
public enum VectorRole: String, Sendable, CaseIterable, Codable {
  /// To be searched through.
  case base
  /// To be looked for.
  case queries

  /// What ann-benchmarks calls the dataset.
  var datasetName: String { self == .base ? "train" : "test" }
}

/// How vectors are read. The defaults take what the file itself tells.
public struct VectorReadOptions: Sendable, Equatable, Codable {
  /// The format; nil to go by content, then by the end of the name.
  public var format: VectorFileFormat?
  /// Whether the first row of a text is a header; nil to guess from what stands in it.
  public var hasHeader: Bool?
  /// Whether a text has a column of keys, the first one where no name of a header tells; nil to guess.
  public var hasKeys: Bool?
  /// Whether the file is mapped rather than read into memory.
  public var isMapped: Bool
  /// The dataset of an HDF5 file, with slashes where it lies in groups; nil for the one that suits the role: `train` or
  /// `test`, else the only one that has rows and columns.
  public var dataset: String?
  /// What the vectors are for.
  public var role: VectorRole

  /// Options with the defaults.
  public init(
    format: VectorFileFormat? = nil, hasHeader: Bool? = nil, hasKeys: Bool? = nil, isMapped: Bool = true,
    dataset: String? = nil, role: VectorRole = .base
  ) {
    self.format = format
    self.hasHeader = hasHeader
    self.hasKeys = hasKeys
    self.isMapped = isMapped
    self.dataset = dataset
    self.role = role
  }
}

/// What the vectors of a file are called there.
public enum VectorKeys: Sendable, Equatable {
  /// Numbers that are not negative.
  case numbers([Int])
  /// Any texts.
  case names([String])

  /// Texts as they are: numbers where all are whole numbers from 0 on, written as usual, so that `007` stays a name.
  public init(_ texts: [String]) {
    let numbers = texts.compactMap { text in Int(text).flatMap { $0 >= 0 && String($0) == text ? $0 : nil } }
    self = numbers.count == texts.count ? .numbers(numbers) : .names(texts)
  }

  /// The keys as texts.
  public var texts: [String] {
    switch self {
    case .numbers(let keys): keys.map(String.init)
    case .names(let keys): keys
    }
  }

  /// The number of keys.
  public var count: Int {
    switch self {
    case .numbers(let keys): keys.count
    case .names(let keys): keys.count
    }
  }
}

/// What was understood of a file of vectors.
public struct VectorReadReport: Sendable, Equatable {
  /// The name of the format.
  public package(set) var format = ""
  /// What the elements are in the file, such as `f64`; texts are `decimal`.
  public package(set) var elements = ""
  /// The dataset that was read, of a file that has several.
  public package(set) var dataset: String?
  /// The distance that the file says its vectors are for, in its own word, such as `angular`.
  public package(set) var distance: String?
  /// The separator of a text, as a word.
  public package(set) var separator: String?
  /// The fields of the header of a text that has one.
  public package(set) var header: [String]?
  /// The column of keys, counted from 0.
  public package(set) var keyColumn: Int?
  /// The largest share of a column's range that a value lost when it became a 32-bit float; 0 where none did.
  public package(set) var largestLoss = 0.0
  /// What may not be as the writer meant it; a strict caller refuses it.
  public package(set) var warnings: [String] = []

  /// One line for people: format, elements, dataset, separator, header, keys.
  public var summary: String {
    var parts = [elements.isEmpty ? format : "\(format) of \(elements)"]
    if let dataset { parts.append("dataset \(dataset)") }
    if let distance { parts.append("made for the distance \(distance)") }
    if let separator { parts.append("separated by \(separator)") }
    if let header {
      let names = header.prefix(4).joined(separator: ", ")
      parts.append("header \(names)\(header.count > 4 ? ", …" : "")")
    }
    if let keyColumn { parts.append("keys in column \(keyColumn)") }
    return parts.joined(separator: ", ")
  }
}

/// The vectors of a file, their keys, and what was understood.
public struct VectorReading: Sendable {
  /// The vectors, one a row.
  public let vectors: VectorTable
  /// Their keys, where the file has some.
  public let keys: VectorKeys?
  /// What was understood.
  public package(set) var report: VectorReadReport

  init(_ vectors: VectorTable, keys: VectorKeys? = nil, report: VectorReadReport = .init()) {
    self.vectors = vectors
    self.keys = keys
    self.report = report
  }
}
