internal import Glibc
internal import MillRuntime

/// The package lists that `apt-get update` leaves on a Debian or Ubuntu machine.
enum DebianPackageLists {
  private static let suffixes = ["", ".lz4", ".gz", ".zst", ".xz", ".bz2", ".lzma"]
  private static let helper = "/usr/lib/apt/apt-helper"

  /// The paths of all lists in a folder, in ascending order; of a list that is there in several compressions, one.
  ///
  /// - Throws: ``MillError`` of kind `no-package-lists` when there is none.
  static func find(in folder: String) throws(MillError) -> [String] {
    var found: [String: Int] = [:]
    if let directory = unsafe opendir(folder) {
      while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        for (rank, suffix) in suffixes.enumerated() where name.hasSuffix("_Packages" + suffix) {
          let stem = String(name.dropLast(suffix.count))
          found[stem] = min(found[stem] ?? rank, rank)
        }
      }
      unsafe closedir(directory)
    }
    guard !found.isEmpty else {
      throw MillError(
        MillError.Kind("no-package-lists", .missingInput), "there are no package lists", file: folder,
        hint: "run apt-get update as root on a Debian or Ubuntu machine")
    }
    return found.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { folder + "/" + $0 + suffixes[found[$0]!] }
  }

  /// The text of a list, decompressed by apt itself where needed.
  static func load(_ path: String) throws(MillError) -> PackageListText {
    if path.hasSuffix("_Packages") { return .mapped(try MappedFile(path: path)) }
    guard unsafe access(path, R_OK) == 0 else { throw .unreadable(path) }
    guard let outcome = try ChildProcess.run([helper, "cat-file", path]) else {
      throw MillError(
        .unsupported, "a compressed package list needs apt's own helper, which is not there", file: path,
        hint: "install the package apt, or decompress the list")
    }
    guard outcome.status == 0 else {
      throw MillError(
        .malformed, "apt's helper cannot decompress it", file: path,
        field: String(decoding: outcome.errors.prefix { $0 != 10 }, as: UTF8.self), hint: "run apt-get update again")
    }
    return .copied(outcome.output)
  }
}

/// A package list in memory.
enum PackageListText {
  case mapped(MappedFile)
  case copied([UInt8])

  func withBytes(_ body: (UnsafeRawBufferPointer) throws(MillError) -> Void) throws(MillError) {
    switch self {
    case .mapped(let file): try withExtendedLifetime(file) { () throws(MillError) in try unsafe body(file.bytes) }
    case .copied(let bytes):
      var failure: MillError?
      unsafe bytes.withUnsafeBytes { buffer in
        do throws(MillError) { try unsafe body(buffer) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }
}
