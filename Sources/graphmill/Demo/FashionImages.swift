import GraphFormats
import Graphmill
import MillRuntime

/// Pictures of garments, 28 × 28 bytes, with their kinds, as Debian's package `dataset-fashion-mnist` ships them.
struct FashionImages {
  static let folder = "/usr/share/datasets/fashion-mnist"
  static let package = "dataset-fashion-mnist"

  let images: VectorTable
  let kinds: [UInt8]

  /// Reads the first pictures of a part, `train` or `t10k`.
  ///
  /// - Throws: `MillError`: `unreadable` where the package is missing, `malformed` or `truncated` for damaged files.
  init(_ part: String, limit: Int = .max) throws {
    let pictures = try Self.read("\(part)-images-idx3-ubyte.gz", magic: 0x803, dimensions: 3)
    let labels = try Self.read("\(part)-labels-idx1-ubyte.gz", magic: 0x801, dimensions: 1)
    let count = min(limit, pictures.sizes[0])
    guard pictures.sizes[0] == labels.sizes[0], count > 0 else {
      throw MillError(.malformed, "pictures and labels do not agree", file: Self.folder)
    }
    let d = pictures.sizes[1] * pictures.sizes[2]
    images = try VectorTable(.uint8, dimension: d)
    for row in 0..<count {
      try images.append((0..<d).map { unsafe Float(pictures.bytes.base[pictures.start + row * d + $0]) })
    }
    kinds = (0..<count).map { unsafe labels.bytes.base[labels.start + $0] }
  }

  private struct Part {
    let bytes: FlatBuffer<UInt8>
    let start: Int
    let sizes: [Int]
  }

  /// An IDX file: a magic number, the sizes as big-endian numbers of 32 bits, then bytes.
  private static func read(_ name: String, magic: Int, dimensions: Int) throws -> Part {
    let path = folder + "/" + name
    let bytes = try ByteStream(path).readToEnd()
    let start = 4 + 4 * dimensions
    guard bytes.count >= start else {
      throw MillError(.truncated, "the file ends inside its header", file: path, byte: bytes.count)
    }
    let words = (0...dimensions).map { word in (0..<4).reduce(0) { unsafe $0 << 8 | Int(bytes.base[4 * word + $1]) } }
    guard words[0] == magic else { throw MillError(.malformed, "not an IDX file of this kind", file: path, byte: 0) }
    var total = 1
    for size in words.dropFirst() {
      guard (1...1 << 24).contains(size), total <= (1 << 34) / size else {
        throw MillError(.malformed, "an impossible size \(size)", file: path)
      }
      total *= size
    }
    guard bytes.count == start + total else {
      throw MillError(.truncated, "\(bytes.count) bytes instead of \(start + total)", file: path)
    }
    return Part(bytes: bytes, start: start, sizes: Array(words.dropFirst()))
  }
}
