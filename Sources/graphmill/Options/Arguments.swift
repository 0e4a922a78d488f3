public import ArgumentParser
public import EdgeSparsification
public import GraphFormats
public import GraphStore
public import GraphSummarization
public import HierarchicalCommunities
public import MillRuntime

// How the library's option types are spelt on the command line.

extension EdgeScoreMethod: ExpressibleByArgument {}
extension ProgressMode: ExpressibleByArgument {}
extension GraphFormat: ExpressibleByArgument {}
extension GraphReadOptions.IDMode: ExpressibleByArgument {}
extension GraphReadOptions.LabelOrder: ExpressibleByArgument {}
extension GraphReadOptions.Separator: ExpressibleByArgument {}
extension GraphReadOptions.Weights: ExpressibleByArgument {}
extension ContainerCodec: ExpressibleByArgument {}
extension DuplicatePolicy: ExpressibleByArgument {}

extension SummaryModel: ExpressibleByArgument {}
extension MergeSchedule: ExpressibleByArgument {}
extension ShingleNeighborhood: ExpressibleByArgument {}

extension RefinementScope: ExpressibleByArgument {}
extension LinkageRule: ExpressibleByArgument {}
extension CommunityMethod: ExpressibleByArgument {}
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

  var description: String { String(value) }
}

/// Columns by role: `src=0,dst=1,weight=3`.
struct ColumnChoice: ExpressibleByArgument, Equatable, CustomStringConvertible {
  var columns = GraphReadOptions.Columns()

  init?(argument: String) {
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let column = Int(sides[1]), (0..<4096).contains(column) else { return nil }
      switch sides[0] {
      case "src", "source": columns.source = column
      case "dst", "target": columns.target = column
      case "weight": columns.weight = column
      default: return nil
      }
    }
  }

  var description: String {
    "src=\(columns.source),dst=\(columns.target)" + (columns.weight.map { ",weight=\($0)" } ?? "")
  }
}
