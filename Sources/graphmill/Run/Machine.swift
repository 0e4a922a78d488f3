import Glibc
import MillRuntime

/// What the program runs on, in words.
enum Machine {
  /// Cores, processor and system, such as `2 cores of AMD EPYC, Debian GNU/Linux 12`.
  static var description: String {
    let cores = Parallel.availableCores
    let processor = field("model name", of: "/proc/cpuinfo", separator: ":") ?? BuildInfo.architecture
    let system = field("PRETTY_NAME", of: "/etc/os-release", separator: "=") ?? "Linux"
    return "\(cores) \(cores == 1 ? "core" : "cores") of \(processor), \(system)"
  }

  /// The value of the first line of a file that begins with a key.
  private static func field(_ key: String, of path: String, separator: Character) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix(key) }), let place = line.firstIndex(of: separator) else {
      return nil
    }
    let marks: Set<Character> = [" ", "\t", "\"", "'"]
    let value = line[line.index(after: place)...].drop { marks.contains($0) }
    return String(value.reversed().drop { marks.contains($0) }.reversed())
  }
}
