public import ArgumentParser
public import Graphmill

/// Other names of the same things, as other libraries have them: `cosine` for `cos`, `uint8` for `u8`.
enum Synonyms {
  static let metrics = [
    "euclidean": "l2", "cosine": "cos", "angular": "cos", "inner-product": "ip", "dot": "ip", "manhattan": "l1",
    "cityblock": "l1", "linf": "chebyshev", "jensen-shannon": "js",
  ]
  static let similarities = ["cos": "cosine"]
  static let elements = [
    "float32": "f32", "float": "f32", "float16": "f16", "half": "f16", "bfloat16": "bf16", "uint8": "u8", "bit": "b1",
    "binary": "b1",
  ]
}

extension Metric: ExpressibleByArgument {
  /// The distance of a name.
  public init?(argument: String) { self.init(rawValue: Synonyms.metrics[argument] ?? argument) }
}

extension NeighborhoodSimilarity: ExpressibleByArgument {
  /// The similarity of a name.
  public init?(argument: String) { self.init(rawValue: Synonyms.similarities[argument] ?? argument) }
}

extension Quantization: ExpressibleByArgument {
  /// The form of codes of a name.
  public init?(argument: String) { self.init(rawValue: Synonyms.elements[argument] ?? argument) }
}

/// A form of codes, or none.
struct CodeForm: ExpressibleByArgument, RawRepresentable, Equatable {
  let form: Quantization?
  var rawValue: String { form?.rawValue ?? "none" }

  init?(rawValue: String) {
    form = Quantization(argument: rawValue)
    if form == nil, rawValue != "none" { return nil }
  }

  static var none: CodeForm { CodeForm() }
  private init() { form = nil }

  static var allValueStrings: [String] { ["none"] + Quantization.allCases.map(\.rawValue) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
