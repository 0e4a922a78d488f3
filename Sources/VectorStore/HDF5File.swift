import CHDF5
import MillRuntime

/// What is known of a dataset before its numbers are read.
struct HDF5Dataset: Sendable {
  let name: String
  /// Sizes of the dimensions, the first runs slowest; empty for a single value.
  let shape: [Int]
  /// What the numbers are; nil for what is no number, or of an unusual form.
  let type: NumberType?
  /// The type in a word, also of what is no number.
  let typeName: String
  let isBigEndian: Bool
  /// Bytes that it takes in the file.
  let storedBytes: Int
  /// Where the numbers lie in the file, one behind the other; nil for chunks.
  let place: Int?
  /// Why the numbers are not read, where they lie in other files or are packed in a way that is not known.
  let refusal: MillError?

  /// Numbers of all rows.
  ///
  /// - Throws: `malformed` for an impossible shape.
  func cellCount() throws(MillError) -> Int {
    var cells = 1
    for size in shape {
      let (product, overflow) = cells.multipliedReportingOverflow(by: size)
      guard !overflow, product <= 1 << 56 else { throw malformed("has an impossible shape") }
      cells = product
    }
    return cells
  }

  /// Rows and columns.
  ///
  /// - Throws: `malformed` for another number of dimensions.
  func matrix() throws(MillError) -> (rows: Int, columns: Int) {
    guard shape.count == 2 else {
      throw MillError(
        .malformed, "the dataset '\(name)' has \(shape.count) dimensions, rows of vectors have 2",
        hint: shape.count == 1 ? "sets of numbers of unequal length are not read" : nil)
    }
    guard shape[1] > 0, shape[1] <= VectorTable.maximumDimension else {
      throw malformed("has an impossible dimension \(shape[1])")
    }
    return (shape[0], shape[1])
  }

  func malformed(_ what: String) -> MillError { MillError(.malformed, "the dataset '\(name)' \(what)") }
}

extension HDF5Dataset {
  /// What the library told of a dataset; any values, where a damaged file led it astray.
  init(_ raw: hdf5_dataset) {
    let sizes = unsafe withUnsafeBytes(of: raw.sizes) { unsafe Array($0.bindMemory(to: UInt64.self)) }
    name = unsafe withUnsafeBytes(of: raw.name) { unsafe HDF5File.text($0) }
    let rank = max(0, min(Int(raw.rank), 32))
    shape = rank <= sizes.count ? sizes.prefix(rank).map { Int(clamping: $0) } : [Int](repeating: 0, count: rank)
    type = rank <= sizes.count ? Self.numberType(raw) : nil
    typeName = type?.rawValue ?? Self.typeName(raw)
    isBigEndian = raw.is_big_endian != 0
    storedBytes = Int(clamping: raw.stored_bytes)
    place = Int(exactly: raw.place)
    refusal = Self.refusal(raw, name)
  }

  private static func numberType(_ raw: hdf5_dataset) -> NumberType? {
    if raw.is_bool != 0 { return .bool }
    guard Int(raw.precision) == 8 * Int(raw.width) else { return nil }
    switch H5T_class_t(rawValue: raw.type_class) {
    case H5T_INTEGER:
      let isSigned = raw.is_signed != 0
      switch raw.width {
      case 1: return isSigned ? .int8 : .uint8
      case 2: return isSigned ? .int16 : .uint16
      case 4: return isSigned ? .int32 : .uint32
      case 8: return isSigned ? .int64 : .uint64
      default: return nil
      }
    case H5T_FLOAT:
      switch (raw.width, raw.exponent_bits, raw.mantissa_bits, raw.exponent_bias) {
      case (2, 5, 10, 15): return .float16
      case (2, 8, 7, 127): return .bfloat16
      case (4, 8, 23, 127): return .float32
      case (8, 11, 52, 1023): return .float64
      default: return nil
      }
    default: return nil
    }
  }

  private static func typeName(_ raw: hdf5_dataset) -> String {
    switch H5T_class_t(rawValue: raw.type_class) {
    case H5T_INTEGER, H5T_FLOAT: "numbers of \(8 * Int(raw.width)) bits"
    case H5T_STRING: "text"
    case H5T_COMPOUND: "records"
    case H5T_ENUM: "an enumeration"
    case H5T_VLEN: "rows of unequal length"
    default: "no numbers"
    }
  }

  private static func refusal(_ raw: hdf5_dataset, _ name: String) -> MillError? {
    if raw.is_elsewhere != 0 { return MillError(.unsupported, "the dataset '\(name)' lies in other files") }
    guard raw.missing_filter != 0 else { return nil }
    return MillError(
      .unsupported, "the dataset '\(name)' is packed by the filter \(raw.missing_filter), which is not known here",
      hint: "h5repack -f GZIP=1 makes a file without it")
  }
}

/// What is in an HDF5 file, by way of the HDF5 library.
///
/// The library works in a process of its own, so that a damaged file ends that one alone; a file of one piece is then
/// read where it lies. What reaches beyond the file is refused: links to other files, data kept there, plug-ins.
final class HDF5File {
  /// The datasets of the root group by name, behind the one that is asked for.
  let datasets: [HDF5Dataset]
  /// The distance that the vectors are for, in the file's own word.
  let distance: String?
  private let wanted: String?
  private let path: String?
  private let bytes: SharedArray<UInt8>

  /// - Throws: `malformed` for what is no HDF5 file, or a damaged one.
  init(_ input: VectorInput) throws(MillError) {
    guard input.bytes.starts(with: FileKind.hdf5.magic) else {
      throw MillError(.malformed, "not an HDF5 file: its magic bytes are missing", byte: 0)
    }
    guard Self.isLoaded else {
      throw MillError(
        .unsupported, "the HDF5 library is not on this machine, or of another version than this program was built for",
        hint: "libhdf5 of Debian; or write the dataset as .npy first")
    }
    (path, bytes, wanted) = (input.isRegular ? input.file : nil, input.bytes, input.dataset)
    let listing = unsafe Self.withSource(path, bytes) { unsafe hdf5_list($0, input.dataset) }
    guard let listing = unsafe listing else {
      throw MillError(.overBudget, "no memory to look into the file")
    }
    defer { unsafe hdf5_drop(listing) }
    guard unsafe listing.pointee.is_done != 0 else {
      throw MillError(
        .malformed,
        unsafe listing.pointee.is_open == 0
          ? "the HDF5 library cannot open the file: it is damaged or cut off" : "the file is damaged", byte: 0)
    }
    let word = unsafe Self.text(UnsafeRawBufferPointer(start: hdf5_distance(listing), count: 64))
    distance = word.isEmpty ? nil : word
    let count = unsafe max(0, min(listing.pointee.count, HDF5_DATASETS))
    datasets = (0..<count).map { unsafe HDF5Dataset(hdf5_at(listing, $0).pointee) }
  }

  /// Whether the library is there: loaded once, when it is first asked for.
  private static let isLoaded = hdf5_load() != 0

  private static func withSource<Result>(
    _ path: String?, _ bytes: SharedArray<UInt8>, _ body: (hdf5_source) -> Result
  ) -> Result {
    guard let path else { return unsafe body(hdf5_source(path: nil, bytes: bytes.base, count: bytes.count)) }
    return unsafe path.withCString { unsafe body(hdf5_source(path: $0, bytes: nil, count: 0)) }
  }

  /// The text in an array of C.
  fileprivate static func text(_ letters: UnsafeRawBufferPointer) -> String {
    unsafe String(decoding: letters.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The dataset that is meant: the one asked for; else the usual one; else the only one with rows and columns.
  ///
  /// - Throws: `malformed` where there is none, with the names of those that are there.
  func choose(usual: String) throws(MillError) -> HDF5Dataset {
    if let found = datasets.first(where: { $0.name == wanted ?? usual }) { return found }
    let matrices = datasets.filter { $0.shape.count == 2 && $0.type != nil }
    if wanted == nil, matrices.count == 1 { return matrices[0] }
    let names = datasets.prefix(20).map(\.name).joined(separator: ", ")
    throw MillError(
      .malformed, "the file has no dataset '\(wanted ?? usual)'",
      hint: Hint(datasets.isEmpty ? "it has none in its root group" : "it has: \(names); one is chosen by FILE:NAME"))
  }

  /// All numbers of a dataset, row by row: where they lie in the file, or unpacked.
  ///
  /// - Throws: `unsupported` for what are no numbers; `truncated`, `malformed` for damage, also for more numbers than
  ///   the stored bytes can unpack to; `over-budget`.
  func numbers(of dataset: HDF5Dataset) throws(MillError) -> SharedArray<UInt8> {
    if let refusal = dataset.refusal { throw refusal }
    guard let type = dataset.type else {
      throw MillError(
        .unsupported, "the dataset '\(dataset.name)' holds \(dataset.typeName)",
        hint: "known: f16 bf16 f32 f64, whole numbers of 8 to 64 bits, and bool")
    }
    let cells = try dataset.cellCount()
    let (wanted, overflow) = cells.multipliedReportingOverflow(by: type.width)
    guard !overflow else { throw dataset.malformed("has an impossible shape") }
    if wanted == 0 { return .empty }
    if let place = dataset.place {
      guard place <= bytes.count, wanted <= bytes.count - place else {
        throw MillError(.truncated, "the file ends inside the dataset '\(dataset.name)'", byte: bytes.count)
      }
      return bytes.shared(place..<place + wanted)
    }
    // No filter that is known packs a thousand bytes into one by much.
    guard dataset.storedBytes > 0, (wanted - (1 << 20)) / 1100 <= dataset.storedBytes else {
      throw dataset.malformed("stores \(dataset.storedBytes) bytes for \(cells) numbers: most were never written")
    }
    let buffer = try FlatBuffer<UInt8>(count: wanted)
    let isRead = unsafe Self.withSource(path, bytes) { unsafe hdf5_read($0, dataset.name, buffer.base, wanted) != 0 }
    guard isRead else { throw dataset.malformed("cannot be unpacked: the file is damaged or cut off") }
    return SharedArray(buffer)
  }
}
