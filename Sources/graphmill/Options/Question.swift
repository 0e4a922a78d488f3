import ArgumentParser
import GraphKernels
import Glibc

/// What `stats` and `query` have in common: a word that says what is asked, and the file that is asked.
///
/// They stand in either order, so that nobody has to remember which command wants which.
protocol Question: RawRepresentable<String>, CaseIterable {}

extension Question {
  /// What is asked, and of which file.
  ///
  /// - Throws: `ValidationError` where neither is something to ask.
  static func settle(_ word: String, _ file: String) throws -> (asked: Self, file: String) {
    if let asked = Self(rawValue: word) { return (asked, file) }
    if let asked = Self(rawValue: file) { return (asked, word) }
    // The one that is no file is the one that was mistyped.
    let typo = unsafe access(word, F_OK) == 0 ? file : word
    let words = names.map { "'\($0)'" }
    throw ValidationError(
      "The value '\(typo)' is invalid for '<question>'. Please provide one of "
        + words.dropLast().joined(separator: ", ") + " or \(words.last ?? "").")
  }

  /// All that can be asked.
  static var names: [String] { allCases.map(\.rawValue) }
}

/// How PageRank is computed.
struct RankFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Chance that the walker of pagerank follows an edge.", valueName: "p"))
  var damping = 0.85

  @Option(help: ArgumentHelp("pagerank stops when a round changes less.", valueName: "x"))
  var tolerance = 1e-9

  @Option(
    help: ArgumentHelp(
      "Rounds at most (default: 200; hits 1000, labels 100, hyperball as many as it takes).", valueName: "n"))
  var rounds: Int?

  var options: PageRankOptions {
    PageRankOptions(damping: damping, tolerance: tolerance, maximumRounds: rounds ?? 200)
  }
}
