import Glibc
import GraphStore
import MillRuntime

/// A stretch of whole lines in memory. 32 readable bytes follow `end`.
@safe struct LineChunk: @unchecked Sendable {
  let start: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  /// Where `start` lies in the decompressed file.
  let offset: Int
}

/// Parses the lines of one chunk into edges. One object a worker; its buffers are reused.
///
/// Three loops: ``plainLines(_:)`` takes lines of two integers, ``plainLabels()`` lines of two labels, ``line(_:_:)``
/// everything else, one line at a time.
@safe final class ChunkParser {
  let grammar: LineGrammar
  let interner: LabelInterner?
  var ids: FlatBuffer<UInt64>
  var weights: FlatBuffer<Double>?
  var fields = [Field](repeating: Field(), count: 4)

  // The state of one chunk.
  var chunk = unsafe LineChunk(start: ChunkParser.nothing, end: ChunkParser.nothing, offset: 0)
  var result = ParsedChunk()
  var count = 0
  var isWide = false
  var parsesLabels = false
  var takesSlowPath = false
  var sawLeadingZero = false
  /// The weight in the dictionary of the line at hand.
  var attributeWeight = 1.0
  /// Bytes that were overwritten where doubled quotes became one, so that the chunk can be parsed again.
  var overwritten: [(place: UnsafeMutablePointer<UInt8>, bytes: [UInt8])] = unsafe []
  var labels: FlatBuffer<LabelKey>
  let scratch: LabelInterner.Scratch

  nonisolated(unsafe) static let nothing = unsafe UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 64))

  /// A stretch of the chunk that holds one field, without quotes around it.
  @safe struct Field {
    var start = unsafe ChunkParser.nothing
    var count = 0
    var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }
  }

  /// Thrown inside to end the chunk, or to ask for another go at it with other settings.
  enum LineFailure: Error {
    case error(MillError)
    case needsWideIDs
    case needsLabels
    case needsEveryCheck
  }

  init(_ grammar: LineGrammar, interner: LabelInterner?) throws(MillError) {
    self.grammar = grammar
    self.interner = interner
    ids = try FlatBuffer<UInt64>(count: 0)
    labels = try FlatBuffer<LabelKey>(count: 0)
    scratch = try LabelInterner.Scratch()
    let hasWeights = grammar.weightColumn != nil || grammar.readsAttributeWeight
    weights = hasWeights ? try FlatBuffer<Double>(count: 0) : nil
  }

  /// Parses a chunk. An error is part of the result: it becomes the file's error if no earlier chunk has one.
  func parse(_ chunk: LineChunk) throws(MillError) -> ParsedChunk {
    self.chunk = chunk
    let capacity = unsafe (chunk.end - chunk.start) / 4 + 2
    if grammar.ids != .labels, ids.count < 2 * capacity { ids = try FlatBuffer<UInt64>(count: 2 * capacity) }
    if interner != nil, labels.count < 2 * capacity { labels = try FlatBuffer<LabelKey>(count: 2 * capacity) }
    if weights != nil, weights!.count < capacity { weights = try FlatBuffer<Double>(count: capacity) }
    isWide = false
    parsesLabels = grammar.ids == .labels
    takesSlowPath = !grammar.isPlain
    unsafe overwritten = []
    var firstLabel: (line: Int, text: String)?
    while true {
      result = ParsedChunk()
      result.offset = chunk.offset
      count = 0
      sawLeadingZero = false
      do throws(LineFailure) {
        if grammar.isPlainLabels {
          try plainLabels()
        } else if parsesLabels || takesSlowPath {
          try allLines()
        } else if isWide {
          try plainLines(UInt64.self)
        } else {
          try plainLines(UInt32.self)
        }
      } catch {
        restoreQuotes()
        switch error {
        case .error(let error): result.error = error
        case .needsWideIDs:
          isWide = true
          continue
        case .needsLabels:
          firstLabel = result.firstLabel
          parsesLabels = true
          continue
        case .needsEveryCheck:
          takesSlowPath = true
          continue
        }
      }
      break
    }
    if firstLabel != nil { result.firstLabel = firstLabel }
    if result.error == nil { try finish() }
    return result
  }

  /// Copies the edges out of the scratch buffers.
  func finish() throws(MillError) {
    guard count > 0 else { return }
    if parsesLabels, let interner {
      result.hasLabels = true
      let narrow = try FlatBuffer<UInt32>(uninitializedCount: 2 * count)
      try unsafe interner.intern(
        labels.base, count: 2 * count, text: chunk.start, into: narrow.base, chunkOffset: chunk.offset,
        scratch: scratch)
      result.block = EdgeBlock(ids: .narrow(narrow), count: count)
    } else if isWide {
      let wide = try FlatBuffer<UInt64>(uninitializedCount: 2 * count)
      unsafe memcpy(wide.base, ids.base, 16 * count)
      result.block = EdgeBlock(ids: .wide(wide), count: count)
    } else {
      let narrow = try FlatBuffer<UInt32>(uninitializedCount: 2 * count)
      unsafe memcpy(narrow.base, ids.base, 8 * count)
      result.block = EdgeBlock(ids: .narrow(narrow), count: count)
    }
    if let weights {
      let copy = try FlatBuffer<Double>(uninitializedCount: count)
      unsafe memcpy(copy.base, weights.base, 8 * count)
      result.block?.weights = copy
    }
    if sawLeadingZero, grammar.ids == .numericOrLabels, !parsesLabels {
      restoreQuotes()
      result.keptText = unsafe Array(UnsafeBufferPointer(start: chunk.start, count: chunk.end - chunk.start))
    }
  }
}

extension ChunkParser {
  /// Makes the chunk's text what it was before doubled quotes became one.
  func restoreQuotes() {
    for i in unsafe overwritten.indices.reversed() {
      let (place, bytes) = unsafe overwritten[i]
      for (offset, byte) in bytes.enumerated() { unsafe place[offset] = byte }
    }
    unsafe overwritten = []
  }
}

/// The text of a field for a message: at most 40 bytes, control characters and broken UTF-8 replaced.
func fieldExcerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  let shown = unsafe String(decoding: bytes.prefix(40), as: UTF8.self)
  let clean = String(String.UnicodeScalarView(shown.unicodeScalars.map { $0.value < 0x20 ? "\u{fffd}" : $0 }))
  return bytes.count > 40 ? clean + "…" : clean
}
