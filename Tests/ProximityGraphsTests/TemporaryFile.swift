import Glibc

/// Files of a test, in the system's folder for such.
enum TemporaryFile {
  static func path(_ name: String) -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(folder)/graphmill-\(getpid())-\(UInt64.random(in: 0...UInt64.max))-\(name)"
  }

  static func remove(_ path: String) { unlink(path) }
}
