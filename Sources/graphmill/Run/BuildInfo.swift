/// Facts about this build.
enum BuildInfo {
  /// The version of the package.
  static let version = "0.1.0"

  /// The revision of the sources, with `-dirty` when they were changed since; `unknown` outside of a checkout.
  static let revision = generatedRevision

  /// `debug` or `release`.
  static var configuration: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  /// The processor family that the program was built for.
  static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }

  /// What the compiler was told beyond its defaults.
  static var flags: [String] {
    var flags: [String] = []
    #if DEBUG
      flags.append("-Onone")
    #else
      flags.append("-O")
    #endif
    #if Validation
      flags.append("--traits Validation")
    #endif
    return flags
  }

  /// The version of the Swift compiler, as far as the language can tell.
  static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
