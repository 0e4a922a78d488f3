import Glibc
public import MillRuntime

/// What an HDF5 file holds.
public struct HDF5Info: Sendable, Equatable, Codable {
  /// A dataset of the root group.
  public struct Dataset: Sendable, Equatable, Codable {
    /// Its name.
    public let name: String
    /// Sizes of its dimensions.
    public let shape: [Int]
    /// What its elements are, such as `f32`.
    public let elementType: String
    /// Bytes that it takes in the file.
    public let storedBytes: Int
  }

  /// The datasets, by name.
  public let datasets: [Dataset]
  /// The distance that a file of ann-benchmarks is for, in its own word, such as `angular`; nil where it says none.
  public let distance: String?
  /// Bytes of the file.
  public let bytes: Int
}

/// Looks into an HDF5 file without reading its numbers.
///
/// - Throws: `MillError`: `unreadable`; `malformed` for what is no HDF5 file or a damaged one.
/// - Complexity: O(datasets).
public func hdf5Info(_ path: String) throws(MillError) -> HDF5Info {
  do throws(MillError) {
    let input = try VectorInput(path, options: .init(), context: .init(threads: 1))
    let file = try HDF5File(input)
    return HDF5Info(
      datasets: file.datasets.map {
        HDF5Info.Dataset(name: $0.name, shape: $0.shape, elementType: $0.typeName, storedBytes: $0.storedBytes)
      }, distance: file.distance, bytes: input.bytes.count)
  } catch {
    throw error.inFile(path)
  }
}

/// Reads all numbers of an HDF5 file, and makes sure that the datasets of ann-benchmarks fit each other: vectors of one
/// dimension in `train` and `test`, a row of `neighbors` and `distances` for every row of `test`, neighbors that are rows
/// of `train`.
///
/// - Throws: `MillError`, as ``hdf5Info(_:)``, and `malformed`, `truncated` for numbers that cannot be read or do not
///   fit.
/// - Complexity: O(bytes).
public func checkHDF5(_ path: String) throws(MillError) -> HDF5Info {
  let info = try hdf5Info(path)
  do throws(MillError) {
    let input = try VectorInput(path, options: .init(), context: .init(threads: 1))
    let file = try HDF5File(input)
    var matrices: [String: HDF5Dataset] = [:]
    for dataset in file.datasets where dataset.type != nil {
      _ = try file.numbers(of: dataset)
      if dataset.shape.count == 2 { matrices[dataset.name] = dataset }
    }
    if let base = matrices["train"], let queries = matrices["test"], base.shape[1] != queries.shape[1] {
      throw queries.malformed("has vectors of \(queries.shape[1]) elements, 'train' of \(base.shape[1])")
    }
    for name in ["neighbors", "distances"] {
      guard let queries = matrices["test"], let answers = matrices[name] else { continue }
      guard answers.shape[0] == queries.shape[0] else {
        throw answers.malformed("has \(answers.shape[0]) rows, 'test' has \(queries.shape[0])")
      }
    }
    if let base = matrices["train"], let answers = matrices["neighbors"] {
      let cells = try file.cells(of: answers).cells
      for row in 0..<cells.rows {
        for column in 0..<cells.columns {
          guard let id = cells.whole(row, column), id >= -1, id < base.shape[0] else {
            throw answers.malformed("names a row in row \(row), column \(column) that 'train' does not have")
          }
        }
      }
    }
    return info
  } catch {
    throw error.inFile(path)
  }
}

extension HDF5File {
  /// The numbers of a dataset as rows and columns, and the memory that they lie in.
  func cells(of dataset: HDF5Dataset) throws(MillError) -> (cells: NumberCells, memory: SharedArray<UInt8>) {
    let (rows, columns) = try dataset.matrix()
    let memory = try numbers(of: dataset)
    let type = dataset.type ?? .uint8
    return unsafe (
      NumberCells(
        base: UnsafeRawPointer(memory.base), type: type, isBigEndian: dataset.isBigEndian && type.width > 1,
        rows: rows, columns: columns, rowStride: columns * type.width, columnStride: type.width), memory
    )
  }
}

/// Reads a dataset; rows of floats, halves and bytes that lie one behind the other in a file stay where they are.
func readHDF5(_ input: VectorInput) throws(MillError) -> VectorReading {
  let file = try HDF5File(input)
  let dataset = try file.choose(usual: input.options.role.datasetName)
  let (cells, memory) = try file.cells(of: dataset)
  var report = VectorReadReport()
  report.elements = cells.type.rawValue
  report.dataset = dataset.name
  report.distance = file.distance
  return try cells.reading(in: memory, at: 0, report: report, input.context)
}

/// The file and the dataset of a name such as `glove.hdf5:test`. Without a dataset where there is a file of the whole
/// name, or none that is HDF5 before the last colon.
public func splittingDataset(_ name: String) -> (path: String, dataset: String?) {
  guard unsafe access(name, F_OK) != 0, let colon = name.lastIndex(of: ":") else { return (name, nil) }
  let path = String(name[..<colon])
  let dataset = String(name[name.index(after: colon)...])
  return FileKind(path: path) == .hdf5 && !dataset.isEmpty ? (path, dataset) : (name, nil)
}
