import CGraphmill
import Glibc
import GraphFormats
import GraphStore
import MillRuntime

extension MillError.Kind {
  /// A value of a table that is missing.
  static let nullValue = Self("null-value", .badData)
}

/// What a column of an Arrow table holds, as far as edges can be made of it.
struct ArrowType {
  /// How texts lie.
  enum Text { case offsets32, offsets64, views }

  /// The column's name.
  let name: String
  /// The numbers, or those that choose from the dictionary; nil for texts that are no dictionary.
  let element: NumberColumn.Element?
  /// How the texts, or those of the dictionary, lie; nil for numbers.
  let text: Text?

  var isText: Bool { text != nil }

  init(_ schema: ArrowSchema, name: String) throws(MillError) {
    self.name = name
    let format = unsafe String(cString: schema.format)
    if let dictionary = unsafe schema.dictionary {
      let values = unsafe String(cString: dictionary.pointee.format)
      guard let text = Self.text(values), let element = Self.number(format), element.isInteger else {
        throw Self.refusal("a dictionary of '\(values)'", name)
      }
      self.text = text
      self.element = element
      return
    }
    text = Self.text(format)
    element = Self.number(format)
    guard text != nil || element != nil else { throw Self.refusal("'\(format)'", name) }
  }

  private static func text(_ format: String) -> Text? {
    switch format {
    case "u": .offsets32
    case "U": .offsets64
    case "vu": .views
    default: nil
    }
  }

  private static func number(_ format: String) -> NumberColumn.Element? {
    switch format {
    case "c": .int8
    case "C": .uint8
    case "s": .int16
    case "S": .uint16
    case "i": .int32
    case "I": .uint32
    case "l": .int64
    case "L": .uint64
    case "f": .float32
    case "g": .float64
    default: nil
    }
  }

  private static func refusal(_ what: String, _ name: String) -> MillError {
    MillError(
      .unsupportedContent, "columns of the Arrow type \(what) are not read", field: name,
      hint: "cast it to integers or to text; weights to doubles")
  }

  /// The refusal of a value that is missing.
  func null(row: Int) -> MillError {
    MillError(.nullValue, "row \(row) has no value in this column", field: name, hint: "drop the rows with nulls")
  }
}

extension ArrowArray {
  /// Whether offset and length are such.
  var hasPlace: Bool {
    unsafe (0...Int64(largestCount)).contains(length) && (0...Int64(largestCount)).contains(offset)
  }
}

/// Which values of an array are there.
struct ArrowValidity {
  /// The first of the rows that is null; nil where all are there.
  let firstNull: Int?

  init(_ array: ArrowArray, offset: Int, count: Int) {
    guard unsafe array.null_count != 0, unsafe array.n_buffers > 0, let bits = unsafe array.buffers?[0] else {
      firstNull = nil
      return
    }
    let bytes = unsafe bits.assumingMemoryBound(to: UInt8.self)
    firstNull = (offset..<offset + count).first { unsafe bytes[$0 >> 3] >> UInt8($0 & 7) & 1 == 0 }.map { $0 - offset }
  }
}

/// A column of a batch. Valid while the batch lives.
@safe struct ArrowColumn: @unchecked Sendable {
  let type: ArrowType
  let count: Int
  private let column: NumberColumn?
  private let texts: ArrowTexts?
  private let firstRow: Int

  init(_ array: ArrowArray, _ type: ArrowType, offset: Int, count: Int, firstRow: Int) throws(MillError) {
    guard unsafe array.hasPlace, unsafe offset + count <= Int(array.length) else {
      throw MillError(.malformed, "a column of the Arrow stream is too short", field: type.name)
    }
    let offset = unsafe offset + Int(array.offset)
    self.type = type
    self.count = count
    self.firstRow = firstRow
    if let row = unsafe ArrowValidity(array, offset: offset, count: count).firstNull {
      throw type.null(row: firstRow + row)
    }
    if let element = type.element {
      let base = try unsafe Self.buffer(array, 1, count, type)
      unsafe column = NumberColumn(base: base + offset * element.width, stride: element.width, element)
    } else {
      column = nil
    }
    guard let text = type.text else {
      texts = nil
      return
    }
    if column != nil {
      guard let dictionary = unsafe array.dictionary, unsafe dictionary.pointee.hasPlace else {
        throw MillError(.malformed, "a column of the Arrow stream lacks its dictionary", field: type.name)
      }
      texts = try unsafe ArrowTexts(dictionary.pointee, text, offset: Int(dictionary.pointee.offset), type)
    } else {
      texts = try unsafe ArrowTexts(array, text, offset: offset, type)
    }
  }

  /// A buffer of an array; any address where there are no rows.
  fileprivate static func buffer(
    _ array: ArrowArray, _ number: Int, _ count: Int, _ type: ArrowType
  ) throws(MillError) -> UnsafeRawPointer {
    if unsafe number < Int(array.n_buffers), let base = unsafe array.buffers?[number] { return unsafe base }
    guard count == 0 else {
      throw MillError(.malformed, "a column of the Arrow stream lacks its values", field: type.name)
    }
    return unsafe UnsafeRawPointer(bitPattern: 8)!
  }

  /// The numbers.
  ///
  /// - Throws: `MillError` for texts.
  func numbers() throws(MillError) -> NumberColumn {
    guard let column, texts == nil else {
      throw MillError(.unsupportedContent, "the column holds no numbers", field: type.name)
    }
    return column
  }

  /// The numbers as weights.
  ///
  /// - Throws: `MillError`: `weight-not-finite` with the row, `over-budget`.
  func weights() throws(MillError) -> FlatBuffer<Double> {
    let weights = try FlatBuffer<Double>(uninitializedCount: count)
    try unsafe numbers().writeWeights(0..<count, firstRow: firstRow, to: weights.base)
    return weights
  }

  /// The text of a row.
  ///
  /// - Throws: `MillError`: `malformed` where it lies outside the column, `null-value` in a dictionary.
  func label(_ row: Int) throws(MillError) -> UnsafeBufferPointer<UInt8> {
    guard let texts else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
    guard let column else { return try unsafe texts.text(row) }
    guard let place = column.unsigned(row), place < UInt64(texts.count) else {
      throw MillError(.malformed, "row \(firstRow + row) is not in the dictionary", field: type.name)
    }
    if texts.isNull(Int(place)) { throw type.null(row: firstRow + row) }
    return try unsafe texts.text(Int(place))
  }
}

/// Texts of an array in one of their three layouts.
@safe private struct ArrowTexts: @unchecked Sendable {
  private let layout: ArrowType.Text
  private let name: String
  /// Offsets or views, from the first text on.
  private let places: UnsafeRawPointer
  /// The bytes behind offsets.
  private let bytes: UnsafePointer<UInt8>
  /// The buffers of views, and their sizes.
  private let buffers: UnsafeMutablePointer<UnsafeRawPointer?>?
  private let sizes: UnsafeRawPointer?
  private let bufferCount: Int
  private let validity: UnsafePointer<UInt8>?
  private let offset: Int
  let count: Int

  init(_ array: ArrowArray, _ layout: ArrowType.Text, offset: Int, _ type: ArrowType) throws(MillError) {
    self.layout = layout
    self.offset = offset
    name = type.name
    count = unsafe Int(array.offset) + Int(array.length) - offset
    let width = layout == .offsets32 ? 4 : layout == .offsets64 ? 8 : 16
    unsafe places = try ArrowColumn.buffer(array, 1, count, type) + offset * width
    let hasNulls = unsafe array.null_count != 0
    unsafe validity = hasNulls ? array.buffers?[0]?.assumingMemoryBound(to: UInt8.self) : nil
    if layout == .views {
      bufferCount = max(0, unsafe Int(array.n_buffers) - 3)
      unsafe buffers = array.buffers.map { unsafe $0 + 2 }
      unsafe sizes = bufferCount > 0 ? array.buffers?[bufferCount + 2] : nil
      unsafe bytes = UnsafePointer(bitPattern: 8)!
    } else {
      let texts = unsafe array.n_buffers > 2 ? array.buffers?[2] : nil
      unsafe bytes = texts?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 8)!
      unsafe (buffers, sizes, bufferCount) = (nil, nil, 0)
    }
  }

  func isNull(_ place: Int) -> Bool {
    let bit = place + offset
    return unsafe validity.map { unsafe $0[bit >> 3] >> UInt8(bit & 7) & 1 == 0 } ?? false
  }

  func text(_ place: Int) throws(MillError) -> UnsafeBufferPointer<UInt8> {
    switch layout {
    case .offsets32:
      let low = unsafe Int(places.loadUnaligned(fromByteOffset: 4 * place, as: Int32.self))
      let high = unsafe Int(places.loadUnaligned(fromByteOffset: 4 * place + 4, as: Int32.self))
      return try unsafe slice(low, high)
    case .offsets64:
      let low = unsafe Int(places.loadUnaligned(fromByteOffset: 8 * place, as: Int64.self))
      let high = unsafe Int(places.loadUnaligned(fromByteOffset: 8 * place + 8, as: Int64.self))
      return try unsafe slice(low, high)
    case .views: return try unsafe view(place)
    }
  }

  private func slice(_ low: Int, _ high: Int) throws(MillError) -> UnsafeBufferPointer<UInt8> {
    guard low >= 0, high >= low else { throw outside }
    return unsafe UnsafeBufferPointer(start: bytes + low, count: high - low)
  }

  /// A view: the length, then up to 12 bytes, or 4 bytes of the text, a buffer and an offset in it.
  private func view(_ place: Int) throws(MillError) -> UnsafeBufferPointer<UInt8> {
    let view = unsafe places + 16 * place
    let length = unsafe Int(view.loadUnaligned(as: Int32.self))
    guard length >= 0 else { throw outside }
    if length <= 12 {
      return unsafe UnsafeBufferPointer(start: (view + 4).assumingMemoryBound(to: UInt8.self), count: length)
    }
    let buffer = unsafe Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
    let start = unsafe Int(view.loadUnaligned(fromByteOffset: 12, as: Int32.self))
    guard buffer >= 0, buffer < bufferCount, start >= 0, let base = unsafe buffers?[buffer], let sizes = unsafe sizes,
      unsafe Int64(start + length) <= sizes.loadUnaligned(fromByteOffset: 8 * buffer, as: Int64.self)
    else { throw outside }
    return unsafe UnsafeBufferPointer(start: (base + start).assumingMemoryBound(to: UInt8.self), count: length)
  }

  private var outside: MillError {
    MillError(.malformed, "a text of the Arrow column lies outside its buffer", field: name)
  }
}
