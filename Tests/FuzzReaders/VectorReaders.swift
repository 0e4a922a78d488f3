import MillRuntime
import VectorStore

extension FuzzReader {
  /// One reader a format of vectors, and one for the ids of neighbors. Not HDF5, which a library of others reads.
  static let vectors: [FuzzReader] =
    VectorFileFormat.names.filter { $0 != "hdf5" }.map { name in
      FuzzReader(
        name: "vectors-" + name, ending: name, seeds: { _ in vectorSeeds(name) }, words: vectorWords,
        read: { path, number throws(MillError) in try lookAtVectors(path, name, number) })
    } + [
      FuzzReader(
        name: "neighbor-ids", ending: "ivecs",
        seeds: { _ in vectorSeeds("ivecs") + vectorSeeds("ibin") + vectorSeeds("npy") }, words: vectorWords,
        read: { path, _ throws(MillError) in
          let rows = try readIntegerRows(path, context: RunContext(threads: 1))
          for row in 0..<rows.count { _ = rows[row].count }
          return "\(min(4, rows.count)) \(rows.width)"
        })
    ]

  private static func lookAtVectors(_ path: String, _ name: String, _ number: UInt64) throws(MillError) -> String {
    var options = VectorReadOptions()
    if number % 3 > 0 { options.format = VectorFileFormat(name: name) }
    options.isMapped = number / 3 % 2 == 0
    options.hasHeader = [nil, true, false][Int(number / 6 % 3)]
    options.hasKeys = [nil, true, false][Int(number / 18 % 3)]
    let reading = try readVectorFile(path, options: options, context: RunContext(threads: 1))
    let table = reading.vectors
    var sum: Float = 0
    for row in 0..<min(table.count, 200) {
      for column in [0, table.dimension / 2, table.dimension - 1] { sum += table[row, column] }
    }
    if table.count > 0 { sum += table[table.count - 1, table.dimension - 1] }
    return "\(reading.report.format) \(min(4, table.count)) \(min(4, table.dimension)) \(sum.isNaN)"
  }

  private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in
      (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
    }
  }

  private static func floats(_ values: [Float]) -> [UInt8] { bytes(values.map(\.bitPattern)) }

  private static func numpy(_ type: String, _ shape: String, _ order: String, _ data: [UInt8]) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }"
    header += String(repeating: " ", count: 63 - (header.utf8.count + 10) % 64) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes([UInt16(header.utf8.count)]) + Array(header.utf8) + data
  }

  private static func vectorSeeds(_ name: String) -> [[UInt8]] {
    let twelve = floats((0..<12).map(Float.init))
    let shape = bytes([4, 3] as [UInt32])
    switch name {
    case "fvecs": return [(0..<4).flatMap { bytes([3 as Int32]) + twelve[12 * $0..<12 * $0 + 12] }]
    case "bvecs": return [[3, 0, 0, 0, 1, 2, 3, 3, 0, 0, 0, 4, 5, 6]]
    case "ivecs": return [bytes([2, 7, 8, 2, 9, -1] as [Int32])]
    case "fbin": return [shape + twelve]
    case "ibin":
      return [shape + bytes((0..<12).map(Int32.init)), bytes([2, 2, 3, 1, -1, 2] as [Int32]) + twelve[..<16]]
    case "u8bin", "i8bin": return [shape + Array(0..<12)]
    case "npy":
      return [
        numpy("<f4", "4, 3", "False", twelve), numpy(">f8", "2, 3", "True", twelve),
        numpy("|b1", "6, 8", "False", twelve), numpy("<f2", "3,", "False", [0, 0, 1, 2, 3, 4]),
        numpy("<i8", "2, 2", "False", bytes([3, 1, -1, 2] as [Int64])),
      ]
    default:
      return [
        "id,a,b,c\n1,0.5,1e3,7\n2,\"4\",5,6\n3,7,8,9\n", "2 2\ncat 1 2\ndog 3 4\n", "1 2\n3 4\n", "# c\n1;2\n3;4\n",
        "name|x\na|1\nb|2\n", "0,1,2\n0.5,1.5,2.5\n",
      ].map { Array($0.utf8) }
    }
  }

  private static let vectorWords = [
    "'shape': (9, 2)", "'descr': '<f2'", "'|V2'", "True", "False", "(3,)", "1e-5", "id", "\"\"", ",,", "key", "3 4\n",
  ]
}
