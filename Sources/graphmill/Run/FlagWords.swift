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
    "depth": "--depth",
    "duplicates": "--duplicates",
    "format": "--to",
    "ids": "--ids",
    "isBipartite": "--bipartite",
    "isStrict": "--strict",
    "loops": "--loops",
    "meanDegree": "--degree",
    "nodes": "--nodes",
    "ratio": "--ratio",
    "replaces": "--force",
    "separator": "--separator",
  ]

  /// `--loops drop`, `--duplicates first|min|max`, `--force`; a setting without a flag stays in the library's words.
  static func words(_ setting: Hint.Setting) -> String {
    guard let flag = flags[setting.name] else { return setting.libraryWords }
    let values = setting.values == ["true"] ? [] : setting.values
    return values.isEmpty ? flag : flag + " " + values.joined(separator: "|")
  }
}
