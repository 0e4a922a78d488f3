import Glibc
import MillRuntime
final class ByteStream {
  enum Compression: String { case none, gzip, zstd }
  let compression = Compression.none
  let descriptor: Int32
  let seekableFile: (descriptor: Int32, size: Int)?
  private var head: [UInt8] = []
  init(_ path: String) throws(MillError) {
    descriptor = path == "-" ? 0 : open(path, O_RDONLY)
    if descriptor < 0 { throw .unreadable(path) }
    var s = stat()
    fstat(descriptor, &s)
    seekableFile = s.st_mode & S_IFMT == S_IFREG && path != "-" ? (descriptor, Int(s.st_size)) : nil
  }
  func peek(_ n: Int) throws(MillError) -> [UInt8] {
    if let f = seekableFile {
      var b = [UInt8](repeating: 0, count: n)
      let k = pread(f.descriptor, &b, n, 0)
      return Array(b.prefix(k))
    }
    head = [UInt8](repeating: 0, count: n)
    let k = head.withUnsafeMutableBytes { p in Glibc.read(descriptor, p.baseAddress!, n) }
    head.removeLast(n - max(0, k))
    return head
  }
  func read(into room: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    var done = 0
    while done < room.count {
      if !head.isEmpty { room[done] = head.removeFirst(); done += 1; continue }
      let got = Glibc.read(descriptor, room.baseAddress! + done, room.count - done)
      if got <= 0 { break }
      done += got
    }
    return done
  }
}
