import Glibc

/// The files that are mapped now, for those who must know when another process shortens one.
///
/// Behind the new end of such a file a thread meets SIGBUS, a system call EFAULT, and on the last page zeros. The
/// command turns the first into an error by ``path(at:)``; ``OutputFile`` the others, since nothing that comes from such
/// a file may take the name of an output.
package enum MappedRanges {
  private struct Mapping: Sendable {
    let count: Int
    let path: String
    let descriptor: Int32
  }

  /// By the address of the first byte.
  private static let mappings = Lock<[UInt: Mapping]>.survivingFork([:])

  /// Enters a mapping. The descriptor stays open until ``remove(_:)`` closes it.
  static func add(_ base: UnsafeRawPointer, count: Int, path: String, descriptor: Int32) {
    let mapping = Mapping(count: count, path: path, descriptor: descriptor)
    mappings.withLock { $0[UInt(bitPattern: base)] = mapping }
  }

  /// Takes a mapping off the list.
  static func remove(_ base: UnsafeRawPointer) {
    let mapping = mappings.withLock { $0.removeValue(forKey: UInt(bitPattern: base)) }
    if let mapping { close(mapping.descriptor) }
  }

  /// The path of the file that is mapped at an address; nil where none is.
  package static func path(at address: UInt) -> String? {
    mappings.withLock { mappings in
      mappings.first { base, mapping in address >= base && address - base < UInt(mapping.count) }?.value.path
    }
  }

  /// What befell a file that was shortened.
  package static func shortened(_ path: String) -> MillError {
    MillError(
      .inputOutput, "the file became shorter while it was mapped", file: path,
      hint: "let its writer finish, or write to another name and rename; \(setting: "isMapped", "false") reads a copy")
  }

  /// Refuses when a mapped file is shorter than it was.
  ///
  /// - Throws: ``MillError`` of kind `input-output`.
  /// - Complexity: One system call a mapped file.
  static func refuseShortened() throws(MillError) {
    let path = mappings.withLock { mappings in
      mappings.values.first { mapping in
        var status = stat()
        return unsafe fstat(mapping.descriptor, &status) == 0 && Int(status.st_size) < mapping.count
      }?.path
    }
    if let path { throw shortened(path) }
  }
}
