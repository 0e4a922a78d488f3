import GraphLearning
import MillRuntime

/// Texts as features: which words occur in each.
enum GlossWords {
  /// Words at most, and texts that a word must be in.
  private static let (limit, rarest) = (5000, 5)

  /// A column a word that is neither rare nor in every tenth text, a row a text.
  static func features(of texts: [String]) throws(MillError) -> FeatureMatrix {
    let bags = texts.map { text in
      Set(text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 2 })
    }
    var counts: [String: Int] = [:]
    for word in bags.joined() { counts[word, default: 0] += 1 }
    let frequent = counts.filter { $0.value >= rarest && $0.value <= max(rarest, texts.count / 10) }
    let vocabulary = frequent.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map(\.key).sorted()
    let places = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    let rows = bags.map { bag in bag.compactMap { places[$0] }.sorted().map { ($0, Float(1)) } }
    return try FeatureMatrix(rowCount: texts.count, columnCount: max(1, vocabulary.count), rows: rows)
  }
}
