import Glibc
import GraphStore
import MillRuntime

/// A text as chunks of whole lines, for parallel parsing.
///
/// A line belongs to the chunk in whose byte range it starts. A plain file is read by position, every worker for
/// itself; anything else is read ahead by one thread while the others parse.
final class TextSource: @unchecked Sendable {
  let name: String
  private let stream: ByteStream
  private let chunkBytes: Int
  private let file: (descriptor: Int32, size: Int)?
  /// Bytes of the stream that were read but not handed out: the beginning of a line.
  private var carry: [UInt8] = []
  private var streamOffset = 0
  private var streamEnded = false

  /// Zero bytes behind a chunk that the parser may read.
  private static let padding = 64

  init(_ stream: ByteStream, name: String, chunkBytes: Int) {
    self.stream = stream
    self.name = name
    self.chunkBytes = max(1, chunkBytes)
    file = stream.seekableFile
  }

  /// The number of chunks of a plain file; nil for a stream.
  var chunkCount: Int? { file.map { Parallel.chunkCount($0.size, size: chunkBytes) } }
  /// Bytes in all, where known.
  var byteCount: Int? { file?.size }

  /// A chunk's memory, reusable.
  final class Buffer: @unchecked Sendable {
    fileprivate(set) var bytes: FlatBuffer<UInt8>
    fileprivate(set) var chunk: LineChunk
    init() throws(MillError) {
      bytes = try FlatBuffer<UInt8>(count: TextSource.padding)
      chunk = unsafe LineChunk(start: bytes.base, end: bytes.base, offset: 0)
    }

    fileprivate func reserve(_ count: Int, keeping used: Int) throws(MillError) {
      guard bytes.count < count + TextSource.padding else { return }
      let wider = try FlatBuffer<UInt8>(count: count + count / 4 + TextSource.padding)
      unsafe memcpy(wider.base, bytes.base, used)
      bytes = wider
    }

    fileprivate func setChunk(_ range: Range<Int>, offset: Int) {
      unsafe memset(bytes.base + range.upperBound, 0, TextSource.padding)
      var range = range
      var offset = offset
      let first = unsafe bytes.base + range.lowerBound
      if offset == 0, range.count >= 3, unsafe first[0] == 0xef, unsafe first[1] == 0xbb, unsafe first[2] == 0xbf {
        range = range.lowerBound + 3..<range.upperBound
        offset = 3
      }
      chunk = unsafe LineChunk(start: bytes.base + range.lowerBound, end: bytes.base + range.upperBound, offset: offset)
    }
  }

  /// Reads chunk `index` of a plain file.
  ///
  /// - Throws: ``MillError`` `input-output` when the file is shorter than it was; `line-too-long`.
  func load(_ index: Int, into buffer: Buffer) throws(MillError) {
    let (descriptor, size) = file!
    let low = index * chunkBytes
    let high = min(size, low + chunkBytes)
    // One byte before the chunk tells whether a line starts at its first byte.
    let from = max(0, low - 1)
    var loaded = min(size, high + 512)
    try buffer.reserve(loaded - from, keeping: 0)
    try unsafe read(descriptor, from..<loaded, to: buffer.bytes.base)
    var start = 0
    if index > 0 {
      guard let feed = unsafe find(buffer.bytes.base, from: 0, to: high - from) else {
        buffer.setChunk(0..<0, offset: high)
        return
      }
      start = feed + 1
    }
    if from + start >= high {
      buffer.setChunk(0..<0, offset: high)
      return
    }
    var searched = high - from - 1
    while true {
      if let feed = unsafe find(buffer.bytes.base, from: searched, to: loaded - from) {
        buffer.setChunk(start..<feed + 1, offset: from + start)
        return
      }
      searched = loaded - from
      if loaded == size || searched - start > chunkBytes + LineGrammar.longestLine + 2 {
        // The parser refuses a line that is too long.
        buffer.setChunk(start..<searched, offset: from + start)
        return
      }
      let more = min(size, loaded + (1 << 16))
      try buffer.reserve(more - from, keeping: searched)
      try unsafe read(descriptor, loaded..<more, to: buffer.bytes.base + searched)
      loaded = more
    }
  }

  private func find(_ base: UnsafeMutablePointer<UInt8>, from: Int, to: Int) -> Int? {
    guard to > from, let feed = unsafe memchr(base + from, 0x0a, to - from) else { return nil }
    return unsafe UnsafeRawPointer(feed) - UnsafeRawPointer(base)
  }

  private func read(_ descriptor: Int32, _ range: Range<Int>, to base: UnsafeMutablePointer<UInt8>) throws(MillError) {
    var done = 0
    while done < range.count {
      let got = retrying { unsafe pread(descriptor, base + done, range.count - done, range.lowerBound + done) }
      guard got >= 0 else { throw .inputOutput("reading failed", name) }
      guard got > 0 else { throw changed }
      done += got
    }
  }

  private var changed: MillError {
    MillError(
      .inputOutput, "the file changed while it was read", file: name,
      hint: "let its writer finish, or write to another name and rename")
  }

  /// Refuses a plain file whose size is not what it was at the start.
  func checkUnchanged() throws(MillError) {
    guard let (descriptor, size) = file else { return }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, Int(status.st_size) == size else { throw changed }
  }

  /// Reads the next chunk of a stream; false at its end.
  func next(into buffer: Buffer) throws(MillError) -> Bool {
    var used = carry.count
    let wanted = max(chunkBytes, used)
    try buffer.reserve(wanted, keeping: 0)
    unsafe carry.withUnsafeBufferPointer {
      if let base = $0.baseAddress { unsafe memcpy(buffer.bytes.base, base, used) }
    }
    var room = wanted - used
    while true {
      if !streamEnded, room > 0 {
        try buffer.reserve(used + room, keeping: used)
        let got = try unsafe stream.read(
          into: UnsafeMutableRawBufferPointer(start: buffer.bytes.base + used, count: room))
        if got < room { streamEnded = true }
        used += got
      }
      if streamEnded {
        carry = []
        buffer.setChunk(0..<used, offset: streamOffset)
        streamOffset += used
        return used > 0
      }
      if let feed = unsafe memrchr(buffer.bytes.base, 0x0a, used) {
        let end = unsafe UnsafeRawPointer(feed) - UnsafeRawPointer(buffer.bytes.base) + 1
        carry = unsafe Array(UnsafeBufferPointer(start: buffer.bytes.base + end, count: used - end))
        buffer.setChunk(0..<end, offset: streamOffset)
        streamOffset += end
        return true
      }
      if used > LineGrammar.longestLine + 2 {
        streamEnded = true
        continue
      }
      room = max(64, used)
    }
  }
}

private func memrchr(_ base: UnsafeMutablePointer<UInt8>, _ byte: UInt8, _ count: Int) -> UnsafeMutablePointer<UInt8>? {
  var i = count
  while i > 0 {
    i -= 1
    if unsafe base[i] == byte { return unsafe base + i }
  }
  return nil
}
