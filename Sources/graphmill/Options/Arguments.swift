public import ArgumentParser
public import EdgeSparsification
public import GraphFormats
public import GraphKernels
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
