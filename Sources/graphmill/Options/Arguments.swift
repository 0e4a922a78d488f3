public import ArgumentParser
public import EdgeSparsification
public import GraphFormats
public import GraphKernels
public import GraphLearning
public import GraphStore
public import GraphSummarization
public import HierarchicalCommunities
public import MillRuntime

// How the library's option types are spelt on the command line.

extension EdgeScoreMethod: ExpressibleByArgument {}
extension ProgressMode: ExpressibleByArgument {}
extension GraphReadOptions.IDMode: ExpressibleByArgument {}
extension GraphReadOptions.LabelOrder: ExpressibleByArgument {}
extension GraphReadOptions.Separator: ExpressibleByArgument {}
extension GraphReadOptions.Weights: ExpressibleByArgument {}
extension ContainerCodec: ExpressibleByArgument {}
extension DuplicatePolicy: ExpressibleByArgument {}
extension DegreeDirection: ExpressibleByArgument {}
extension GraphSampleOptions.Method: ExpressibleByArgument {}

extension SummaryModel: ExpressibleByArgument {}
extension MergeSchedule: ExpressibleByArgument {}
extension ShingleNeighborhood: ExpressibleByArgument {}

extension RefinementScope: ExpressibleByArgument {}
extension LinkageRule: ExpressibleByArgument {}
extension CommunityMethod: ExpressibleByArgument {}
extension PartitionQuality: ExpressibleByArgument {}
extension DirectionPolicy: ExpressibleByArgument {}
extension TopDownOptions.Split: ExpressibleByArgument {}
extension BottomUpOptions.Isolated: ExpressibleByArgument {}
extension SpectralOptions.Embedding: ExpressibleByArgument {}
extension SpectralOptions.Weights: ExpressibleByArgument {}

extension GraphModel: ExpressibleByArgument {}
extension FeatureScaling: ExpressibleByArgument {}
extension PredictionOptions.Edges: ExpressibleByArgument {}

extension MemorySetting: ExpressibleByArgument {
  /// The setting that the argument names.
  public init?(argument: String) { self.init(argument) }
}

/// A whole number with an optional size suffix: `10k`, `1M`, `4Ki`.
struct Count: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let value: Int

  init?(argument: String) {
    guard let value = ByteSize.parse(argument) else { return nil }
    self.value = value
  }

  init(_ value: Int) { self.value = value }

  var description: String { String(value) }
}

/// Whole numbers, one by one or as ranges: `1,5,9`, `1..5`.
struct NumberList: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let values: [UInt64]

  init?(argument: String) {
    var values: [UInt64] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      if let range = part.firstRange(of: "..") {
        guard let low = UInt64(part[..<range.lowerBound]), let high = UInt64(part[range.upperBound...]), low <= high,
          high - low < 10_000
        else { return nil }
        values += low...high
      } else {
        guard let value = UInt64(part) else { return nil }
        values.append(value)
      }
    }
    self.values = values
  }

  init(_ values: [UInt64]) { self.values = values }

  var description: String { values.map(String.init).joined(separator: ",") }
}

/// A share between 0 and 1, also as a percentage: `0.3`, `30%`.
struct Share: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let value: Double

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? String(argument.dropLast()) : argument) else { return nil }
    let value = isPercent ? number / 100 : number
    guard value >= 0, value <= 1 else { return nil }
    self.value = value
  }

  /// What is left of 1, without the last digits that a subtraction leaves: 0.1 of 0.9.
  var complement: Double { ((1 - value) * 1e12).rounded() / 1e12 }

  var description: String { String(value) }
}

/// Columns by role, each by its name or its number: `source=from,target=to,weight=3`.
struct ColumnChoice: ExpressibleByArgument, Equatable, CustomStringConvertible {
  var roles = ColumnRoles()

  init?(argument: String) {
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.firstIndex(of: "=") else { return nil }
      let text = String(part[part.index(after: equals)...])
      guard !text.isEmpty else { return nil }
      let column: ColumnRoles.Column
      if let number = Int(text) {
        guard (0..<4096).contains(number) else { return nil }
        column = .number(number)
      } else {
        column = .name(text)
      }
      switch part[..<equals] {
      case "src", "source": roles.source = column
      case "dst", "target": roles.target = column
      case "weight": roles.weight = column
      default: return nil
      }
    }
  }

  var description: String {
    let parts: [(String, ColumnRoles.Column?)] = [
      ("source", roles.source), ("target", roles.target), ("weight", roles.weight),
    ]
    return parts.compactMap { role, column in
      switch column {
      case nil: nil
      case .number(let number): "\(role)=\(number)"
      case .name(let name): "\(role)=\(name)"
      }
    }.joined(separator: ",")
  }
}

/// A format that graphs are read from.
struct InputFormat: ExpressibleByArgument, RawRepresentable, Equatable {
  let format: GraphFormat
  var rawValue: String { format.rawValue }

  init?(rawValue: String) {
    guard let format = GraphFormat(rawValue: rawValue), format.isRead else { return nil }
    self.format = format
  }

  static var allValueStrings: [String] { GraphFormat.allCases.filter(\.isRead).map(\.rawValue) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// A format that graphs are written to.
struct OutputFormat: ExpressibleByArgument, RawRepresentable, Equatable {
  let format: GraphFormat
  var rawValue: String { format.rawValue }

  init?(rawValue: String) {
    guard let format = GraphFormat(rawValue: rawValue), format.isWritten else { return nil }
    self.format = format
  }

  static var allValueStrings: [String] { GraphFormat.allCases.filter(\.isWritten).map(\.rawValue) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
