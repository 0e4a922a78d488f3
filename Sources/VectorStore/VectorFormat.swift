import MillRuntime

/// Forms of a file of vectors.
public enum VectorFileFormat: Sendable, Hashable, Codable {
  /// Before every row its length as Int32, then 32-bit floats (TEXMEX).
  case fvecs
  /// Before every row its length as Int32, then bytes.
  case bvecs
  /// Before every row its length as Int32, then Int32s.
  case ivecs
  /// Two UInt32, rows and dimension, then 32-bit floats (big-ann-benchmarks).
  case fbin
  /// Rows and dimension, then bytes 0...255.
  case u8bin
  /// Rows and dimension, then signed bytes.
  case i8bin
  /// Rows and dimension, then Int32s.
  case ibin
  /// NumPy, one or two dimensions, either order, either byte order, any number type and bool.
  case npy
  /// A dataset of two dimensions in an HDF5 file, as ann-benchmarks has them; see ``VectorReadOptions/dataset``.
  case hdf5
  /// One row a line, numbers separated by blanks, tabs, commas, semicolons or bars; a header and a column of keys are
  /// known by what stands in them; empty lines and lines that begin with # are skipped.
  case text
  /// Rows of a known dimension and element type without any header.
  case raw(ElementType, dimension: Int)

  /// The format that the end of a file name stands for; nil when it is none of them.
  public init?(path: String) {
    guard let entry = VectorFormat.all.first(where: { $0.endsName(path) }), let format = entry.format else {
      return nil
    }
    self = format
  }

  /// The format of a name such as `fbin`; nil for others, and for raw rows, which need a dimension.
  public init?(name: String) {
    guard let entry = VectorFormat.all.first(where: { $0.name == name }), let format = entry.format else { return nil }
    self = format
  }

  /// The name, which is also the first ending of files.
  public var name: String {
    if case .raw = self { return "raw" }
    return VectorFormat.all.first { $0.format == self }?.name ?? "raw"
  }

  /// The names of all formats that can be read.
  public static var names: [String] { VectorFormat.all.compactMap { $0.format?.name } }
}

/// A row of the table of formats: what can be read, and what is known well enough to be refused by name.
struct VectorFormat: Sendable {
  typealias Reader = @Sendable (VectorInput) throws(MillError) -> VectorReading

  /// The name, as messages say it.
  let name: String
  /// What is read; nil where the format is only recognized.
  var format: VectorFileFormat?
  /// How names of such files end.
  var endings: [String] = []
  /// Bytes that every such file begins with.
  var magic: [[UInt8]] = []
  /// Reads a file; nil for a format that is refused.
  var read: Reader?
  /// The way out for a format that is refused.
  var wayOut: String?

  /// All formats. Of two that fit, the first counts.
  static let all: [VectorFormat] = [
    VectorFormat(
      name: "npy", format: .npy, endings: ["npy"], magic: [FileKind.array.magic],
      read: { input throws(MillError) in try readNPY(input) }),
    VectorFormat(
      name: "hdf5", format: .hdf5, endings: ["hdf5", "h5"], magic: [FileKind.hdf5.magic],
      read: { input throws(MillError) in try readHDF5(input) }),
    VectorFormat(
      name: "fvecs", format: .fvecs, endings: ["fvecs"],
      read: { input throws(MillError) in try readRecords(input, .float32, isMapped: true) }),
    VectorFormat(
      name: "bvecs", format: .bvecs, endings: ["bvecs"],
      read: { input throws(MillError) in try readRecords(input, .uint8, isMapped: true) }),
    VectorFormat(
      name: "ivecs", format: .ivecs, endings: ["ivecs"],
      read: { input throws(MillError) in try readRecords(input, .int32, isMapped: false) }),
    VectorFormat(
      name: "fbin", format: .fbin, endings: ["fbin"], read: { input throws(MillError) in try readBin(input, .float32) }),
    VectorFormat(
      name: "u8bin", format: .u8bin, endings: ["u8bin"], read: { input throws(MillError) in try readBin(input, .uint8) }
    ),
    VectorFormat(
      name: "i8bin", format: .i8bin, endings: ["i8bin"], read: { input throws(MillError) in try readBin(input, .int8) }),
    VectorFormat(
      name: "ibin", format: .ibin, endings: ["ibin"], read: { input throws(MillError) in try readBin(input, .int32) }),
    VectorFormat(
      name: "text", format: .text, endings: ["txt", "tsv", "csv", "text", "vec", "dat", "ssv"],
      read: { input throws(MillError) in try readText(input) }),
    VectorFormat(
      name: "zip (.npz, .pt)", endings: ["npz", "pt"], magic: [[0x50, 0x4b, 3, 4]],
      wayOut: "import numpy; numpy.save('data.npy', numpy.load('data.npz')['arr_0'])"),
    VectorFormat(
      name: "Parquet", endings: ["parquet"], magic: [Array("PAR1".utf8)],
      wayOut: "import pandas; pandas.read_parquet('data.parquet').to_csv('data.csv', index=False)"),
    VectorFormat(
      name: "Arrow", endings: ["arrow", "feather"], magic: [Array("ARROW1".utf8), Array("FEA1".utf8)],
      wayOut: "import pandas; pandas.read_feather('data.arrow').to_csv('data.csv', index=False)"),
    VectorFormat(
      name: "Safetensors", endings: ["safetensors"],
      wayOut: "import numpy, safetensors.numpy as s; numpy.save('data.npy', s.load_file('data.safetensors')['name'])"),
    VectorFormat(
      name: "Python pickle", endings: ["pkl", "pickle"],
      magic: (2...5).map { [0x80, $0] }, wayOut: "import numpy; numpy.save('data.npy', the array)"),
    VectorFormat(
      name: "MATLAB", endings: ["mat"], magic: [Array("MATLAB 5.0 MAT-file".utf8)],
      wayOut: "import numpy, scipy.io; numpy.save('data.npy', scipy.io.loadmat('data.mat')['name'])"),
    VectorFormat(
      name: "Faiss index",
      magic: ["IxF2", "IxFI", "IxFl", "IwFl", "IxHN", "IHNf", "IxMp", "IxM2"].map { Array($0.utf8) },
      wayOut: "import faiss, numpy; i = faiss.read_index('data'); numpy.save('data.npy', i.reconstruct_n(0, i.ntotal))"),
    VectorFormat(name: "gzip", endings: ["gz"], magic: [[0x1f, 0x8b]], wayOut: "decompress it with gzip -d"),
    VectorFormat(
      name: "zstd", endings: ["zst"], magic: [[0x28, 0xb5, 0x2f, 0xfd]], wayOut: "decompress it with zstd -d"),
    VectorFormat(
      name: "xz", endings: ["xz"], magic: [[0xfd, 0x37, 0x7a, 0x58, 0x5a]], wayOut: "decompress it with xz -d"),
    VectorFormat(
      name: "bzip2", endings: ["bz2"], magic: (1...9).map { Array("BZh\($0)1AY&SY".utf8) },
      wayOut: "decompress it with bzip2 -d"),
    VectorFormat(
      name: "Graphmill container", endings: ["gmx", "gmg", "gms", "gmt"],
      magic: [FileKind.graph, .summary, .index, .ticket].map(\.magic),
      wayOut: "give the vectors that it was made from"),
    VectorFormat(
      name: "JSON", endings: ["json", "jsonl"], magic: [Array("[".utf8), Array("{".utf8)],
      wayOut: "import json, numpy; numpy.save('data.npy', numpy.array(json.load(open('data.json')), 'f4'))"),
    VectorFormat(
      name: "UTF-16 text", magic: [[0xff, 0xfe], [0xfe, 0xff]], wayOut: "iconv -f UTF-16 -t UTF-8 data.csv"),
  ]

  /// Whether a file name ends as names of the format do.
  func endsName(_ path: String) -> Bool {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return false }
    return endings.contains(path[path.index(after: dot)...].lowercased())
  }

  /// Whether the bytes begin with a magic of the format that is long enough.
  private func begins(_ bytes: SharedArray<UInt8>, atLeast length: Int) -> Bool {
    magic.contains { $0.count >= length && bytes.starts(with: $0) }
  }

  /// The format of an input: by the end of its name where the content agrees, else by the content, else by the name.
  ///
  /// - Throws: `MillError` of kind `unsupported` for a format that is not offered, with the way out, and where nothing
  ///   tells the format.
  static func of(_ input: VectorInput) throws(MillError) -> VectorFormat {
    if let format = input.options.format {
      if case .raw(let element, let dimension) = format {
        return VectorFormat(name: "raw", format: format) { input throws(MillError) in
          try readRaw(input, element, dimension: dimension)
        }
      }
      if let entry = all.first(where: { $0.format == format }) { return entry }
    }
    let named = all.first { $0.endsName(input.file) }
    let found = named.flatMap { $0.fits(input) ? $0 : nil } ?? recognized(input) ?? named ?? text(input)
    guard let found else {
      throw MillError(
        .unsupported, "neither content nor name tell the format of the vectors",
        hint: "known: \(VectorFileFormat.names.joined(separator: " "))")
    }
    guard found.format != nil else {
      throw MillError(.unsupported, "\(found.name) is not read as vectors", hint: found.wayOut.map { Hint($0) })
    }
    return found
  }

  /// The format that content alone tells. Lengths that all agree tell more than two or three bytes, which may be the
  /// length of a row: 91 is a bracket.
  private static func recognized(_ input: VectorInput) -> VectorFormat? {
    if let found = all.first(where: { $0.begins(input.bytes, atLeast: 4) }) { return found }
    let fitting = all.filter { [.fvecs, .bvecs].contains($0.format) && $0.fits(input) }
    return fitting.count == 1 ? fitting[0] : all.first { $0.begins(input.bytes, atLeast: 1) }
  }

  /// Text, where the first bytes are letters and blanks.
  private static func text(_ input: VectorInput) -> VectorFormat? {
    let isText = input.bytes.prefix(4096).allSatisfy { $0 >= 32 || (9...13).contains($0) }
    return isText ? all.first { $0.format == .text } : nil
  }

  /// Whether the lengths within the file agree with each other and its size, for formats that have no magic bytes.
  private func fits(_ input: VectorInput) -> Bool {
    switch format {
    case .fvecs, .ivecs: looksLikeRecords(input.bytes, elementBytes: 4)
    case .bvecs: looksLikeRecords(input.bytes, elementBytes: 1)
    case .fbin, .ibin: looksLikeBin(input, elementBytes: 4)
    case .u8bin, .i8bin: looksLikeBin(input, elementBytes: 1)
    default: false
    }
  }
}
