import MillRuntime

extension Hint {
  /// The hint as a user of the command reads it: settings are flags.
  var flagWords: String { worded(FlagWords.words) }
}

/// The flags that stand for the library's settings.
enum FlagWords {
  /// Flags by the name of the setting that the library's hints use.
  static let flags = [
    "MemoryBudget.limit": "--memory",
    "MemoryBudget.spillFolder": "--tmp DIR",
    "allowsByteLabels": "--bytes-labels",
    "base": "--base",
    "columns": "--columns",
    "depth": "--depth",
    "duplicates": "--duplicates",
    "format": "--to",
    "header": "--header",
    "honorsQuotes": "--no-quotes",
    "ids": "--ids",
    "isBipartite": "--bipartite",
    "isDirected": "--directed",
    "isMapped": "--no-mmap",
    "isStrict": "--strict",
    "loops": "--loops",
    "meanDegree": "--degree",
    "nodes": "--nodes",
    "ratio": "--ratio",
    "replaces": "--force",
    "separator": "--separator",
    "skipLines": "--skip-lines",
    "weights": "--weights",
  ]

  /// Flags by setting and value, where a value is a flag of its own.
  private static let switches = [
    "header": ["yes": "--header", "no": "--no-header"], "honorsQuotes": ["false": "--no-quotes"],
    "isDirected": ["true": "--directed", "false": "--undirected"], "isMapped": ["false": "--no-mmap"],
  ]

  /// `--loops drop`, `--duplicates first|min|max`, `--force`; a setting without a flag stays in the library's words.
  static func words(_ setting: Hint.Setting) -> String {
    guard let flag = flags[setting.name] else { return setting.libraryWords }
    if let switches = switches[setting.name] {
      return setting.values.compactMap { switches[$0] }.joined(separator: " or ")
    }
    let values = setting.values == ["true"] ? [] : setting.values
    return values.isEmpty ? flag : flag + " " + values.joined(separator: "|")
  }
}
