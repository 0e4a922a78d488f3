import ArgumentParser
import Glibc
import Logging
import MillRuntime

/// What the global flags, the environment and the machine decide together. Flags win over the environment.
struct Settings {
  let threads: Int
  let memory: MemorySetting
  let memoryLimit: Int
  let seed: UInt64
  /// Where large arrays go that the memory budget has no room for; nil where no folder was named.
  let temporaryFolder: String?
  let logLevel: Logger.Level
  /// Whether runs leave a manifest without being asked for one.
  let writesManifests: Bool
  /// Names of the environment variables that decided something.
  let environmentUsed: [String]

  init(_ global: GlobalOptions) throws {
    var used: [String] = []
    func fromEnvironment<Value>(_ name: String, _ wanted: String, _ parse: (String) -> Value?) throws -> Value? {
      guard let text = environmentValue(name), !text.isEmpty else { return nil }
      guard let value = parse(text) else {
        throw MillError(.badOption, "the environment variable \(name) must be \(wanted)", field: text)
      }
      used.append(name)
      return value
    }
    threads =
      try global.threads
      ?? fromEnvironment("GRAPHMILL_THREADS", "a number from 1 to 1024") {
        Int($0).flatMap { (1...1024).contains($0) ? $0 : nil }
      }
      ?? Parallel.availableCores
    memory =
      try global.memory
      ?? fromEnvironment("GRAPHMILL_MEMORY", "a size, a percentage or auto") { MemorySetting($0) }
      ?? .automatic
    memoryLimit = memory.limit(available: MemoryBudget.available())
    seed = try global.seed ?? fromEnvironment("GRAPHMILL_SEED", "a number below 2^64") { UInt64($0) } ?? 42
    temporaryFolder = try global.tmp ?? fromEnvironment("GRAPHMILL_TMP", "a folder") { $0 }
    if let temporaryFolder, unsafe access(temporaryFolder, W_OK | X_OK) != 0 {
      throw MillError(
        .cannotCreate, "the folder for temporary files cannot be used: \(errorText())", file: temporaryFolder)
    }
    writesManifests =
      try fromEnvironment("GRAPHMILL_MANIFEST", "none, or not set") { $0 == "none" ? false : nil } ?? true
    logLevel = global.quiet ? .error : global.verbose == 0 ? .notice : global.verbose == 1 ? .info : .debug
    environmentUsed = used
  }
}

/// The value of an environment variable; nil when it is not set.
func environmentValue(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
