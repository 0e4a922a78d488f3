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

/// An HDF5 file that is open for reading, by way of the HDF5 library.
///
/// What reaches beyond the file is refused: links to other files, data kept there, plug-ins for filters. The library is
/// entered by one thread at a time.
final class HDF5File {
  private let id: hid_t
  private let bytes: SharedArray<UInt8>
  private static let library = Lock.survivingFork(())
  /// Links of the root group that are looked at, and bytes of a name.
  private static let (largestCount, nameBytes) = (1000, 256)

  /// - Throws: `malformed` for what is no HDF5 file, or a damaged one.
  init(_ input: VectorInput) throws(MillError) {
    guard input.bytes.starts(with: FileKind.hdf5.magic) else {
      throw MillError(.malformed, "not an HDF5 file: its magic bytes are missing", byte: 0)
    }
    let (bytes, file) = (input.bytes, input.isRegular ? input.file : nil)
    let opened = Self.library.withLock { _ in
      unsafe hdf5_open(file, bytes.base, file == nil ? bytes.count : 0)
    }
    guard opened >= 0 else {
      throw MillError(.malformed, "the HDF5 library cannot open the file: it is damaged or cut off", byte: 0)
    }
    id = opened
    self.bytes = bytes
  }

  deinit { Self.library.withLock { _ in _ = H5Fclose(id) } }

  /// A text that the file says of itself.
  func text(_ attribute: String) -> String? {
    Self.library.withLock { _ in
      var text = [CChar](repeating: 0, count: 64)
      guard unsafe hdf5_text(id, attribute, &text, text.count) != 0 else { return nil }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// The datasets of the root group, by name.
  func datasets() -> [HDF5Dataset] {
    let names = Self.library.withLock { _ in
      (0..<min(hdf5_link_count(id), Self.largestCount)).compactMap { number -> String? in
        var name = [CChar](repeating: 0, count: Self.nameBytes)
        let length = unsafe hdf5_link_name(id, number, &name, name.count)
        guard length > 0, length < name.count else { return nil }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
    return names.compactMap { dataset($0) }
  }

  /// The dataset that is meant: of a name; else of the usual one; else the only one with rows and columns.
  ///
  /// - Throws: `malformed` where there is none, with the names of those that are there.
  func choose(_ name: String?, usual: String) throws(MillError) -> HDF5Dataset {
    if let found = dataset(name ?? usual) { return found }
    let all = datasets()
    let matrices = all.filter { $0.shape.count == 2 && $0.type != nil }
    if name == nil, matrices.count == 1 { return matrices[0] }
    let names = all.prefix(20).map(\.name).joined(separator: ", ")
    throw MillError(
      .malformed, "the file has no dataset '\(name ?? usual)'",
      hint: Hint(all.isEmpty ? "it has none in its root group" : "it has: \(names); one is chosen by FILE:NAME"))
  }

  /// A dataset of a name, with slashes where it lies in groups; nil where there is none.
  func dataset(_ name: String) -> HDF5Dataset? {
    Self.library.withLock { _ in
      let dataset = unsafe hdf5_open_dataset(id, name)
      guard dataset >= 0 else { return nil }
      defer { H5Dclose(dataset) }
      return Self.describe(dataset, name)
    }
  }

  private static func describe(_ dataset: hid_t, _ name: String) -> HDF5Dataset? {
    let (type, space, made) = (H5Dget_type(dataset), H5Dget_space(dataset), H5Dget_create_plist(dataset))
    defer {
      H5Tclose(type)
      H5Sclose(space)
      H5Pclose(made)
    }
    let rank = Int(H5Sget_simple_extent_ndims(space))
    guard type >= 0, space >= 0, made >= 0, (0...32).contains(rank) else { return nil }
    var sizes = [hsize_t](repeating: 0, count: max(1, rank))
    unsafe H5Sget_simple_extent_dims(space, &sizes, nil)
    let offset = H5Pget_layout(made) == H5D_CONTIGUOUS ? H5Dget_offset(dataset) : haddr_t.max
    let number = numberType(type)
    return HDF5Dataset(
      name: name, shape: sizes.prefix(rank).map { Int(clamping: $0) }, type: number,
      typeName: number?.rawValue ?? typeName(type), isBigEndian: H5Tget_order(type) == H5T_ORDER_BE,
      storedBytes: Int(clamping: H5Dget_storage_size(dataset)), place: Int(exactly: offset),
      refusal: refusal(made, name))
  }

  /// Why a dataset that was made so is not read.
  private static func refusal(_ made: hid_t, _ name: String) -> MillError? {
    guard H5Pget_layout(made) != H5D_VIRTUAL, H5Pget_external_count(made) == 0 else {
      return MillError(.unsupported, "the dataset '\(name)' lies in other files")
    }
    for filter in 0..<UInt32(max(0, H5Pget_nfilters(made))) {
      var (flags, values, settings): (UInt32, Int, UInt32) = (0, 0, 0)
      let number = unsafe H5Pget_filter2(made, filter, &flags, &values, nil, 0, nil, &settings)
      guard number >= 0, H5Zfilter_avail(number) > 0 else {
        return MillError(
          .unsupported, "the dataset '\(name)' is packed by the filter \(number), which is not known here",
          hint: "h5repack -f GZIP=1 makes a file without it")
      }
    }
    return nil
  }

  /// What the numbers of a type are.
  private static func numberType(_ type: hid_t) -> NumberType? {
    if hdf5_is_bool(type) != 0 { return .bool }
    let (width, order) = (H5Tget_size(type), H5Tget_order(type))
    guard order == H5T_ORDER_LE || order == H5T_ORDER_BE || width == 1 else { return nil }
    switch H5Tget_class(type) {
    case H5T_INTEGER:
      guard H5Tget_precision(type) == 8 * width else { return nil }
      let isSigned = H5Tget_sign(type) == H5T_SGN_2
      switch width {
      case 1: return isSigned ? .int8 : .uint8
      case 2: return isSigned ? .int16 : .uint16
      case 4: return isSigned ? .int32 : .uint32
      case 8: return isSigned ? .int64 : .uint64
      default: return nil
      }
    case H5T_FLOAT:
      var (sign, exponent, exponentBits, mantissa, mantissaBits) = (0, 0, 0, 0, 0)
      unsafe H5Tget_fields(type, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits)
      switch (width, exponentBits, mantissaBits, H5Tget_ebias(type)) {
      case (2, 5, 10, 15): return .float16
      case (2, 8, 7, 127): return .bfloat16
      case (4, 8, 23, 127): return .float32
      case (8, 11, 52, 1023): return .float64
      default: return nil
      }
    default: return nil
    }
  }

  private static func typeName(_ type: hid_t) -> String {
    switch H5Tget_class(type) {
    case H5T_INTEGER, H5T_FLOAT: "numbers of \(8 * H5Tget_size(type)) bits"
    case H5T_STRING: "text"
    case H5T_COMPOUND: "records"
    case H5T_ENUM: "an enumeration"
    case H5T_VLEN: "rows of unequal length"
    default: "no numbers"
    }
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
    let isRead = Self.library.withLock { _ in
      let opened = unsafe hdf5_open_dataset(id, dataset.name)
      guard opened >= 0 else { return false }
      defer { H5Dclose(opened) }
      let type = H5Dget_type(opened)
      defer { H5Tclose(type) }
      return unsafe type >= 0 && hdf5_read(opened, type, buffer.base) >= 0
    }
    guard isRead else { throw dataset.malformed("cannot be unpacked: the file is damaged or cut off") }
    return SharedArray(buffer)
  }
}
