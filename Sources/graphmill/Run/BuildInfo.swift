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
}
