import Glibc
import MillRuntime

/// Files for the time of a run, for other programs.
enum TemporaryFile {
  /// A new, empty file; the caller removes it.
  ///
  /// - Parameters:
  ///   - folder: Where it lies; nil for the usual place.
  ///   - ending: How its name ends, without the dot.
  /// - Throws: `MillError` of kind `cannot-create`.
  static func make(in folder: String? = nil, ending: String) throws(MillError) -> String {
    let folder = folder ?? environmentValue("TMPDIR") ?? "/tmp"
    var name = Array("\(folder)/graphmill-XXXXXX.\(ending)".utf8CString)
    let descriptor = unsafe mkstemps(&name, Int32(ending.utf8.count + 1))
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw MillError(.cannotCreate, "cannot create: \(errorText())", file: path) }
    close(descriptor)
    return path
  }
}
