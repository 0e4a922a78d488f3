import Glibc
import MillRuntime
import TestSupport
import Testing

@testable import VectorStore

/// Files that h5py wrote; `Fixtures/make_hdf5.py` made them.
@Suite struct HDF5Tests {
  private let ann = SharedData.fixture("ann.hdf5")
  private let kinds = SharedData.fixture("kinds.hdf5")
  private let table: [[Float]] = [[0, 1, 2], [3, 4, 5]]

  private func read(_ name: String, isMapped: Bool = true) throws(MillError) -> VectorReading {
    try readVectorFile(kinds, options: VectorReadOptions(isMapped: isMapped, dataset: name))
  }

  @Test("The datasets of ann-benchmarks: one for the base, one for queries, one for the truth") func annBenchmarks()
    throws
  {
    let base = try readVectorFile(ann)
    #expect(base.vectors.count == 12 && base.vectors.dimension == 3 && base.vectors.isReadOnly)
    #expect(base.vectors[3] == [13.5, 1, -1.5])
    #expect(base.report.dataset == "train" && base.report.distance == "euclidean" && base.report.format == "hdf5")
    #expect(base.report.summary == "hdf5 of f32, dataset train, made for the distance euclidean")
    let queries = try readVectorFile(ann, options: VectorReadOptions(role: .queries))
    #expect(queries.vectors.count == 4 && queries.vectors[3] == [0, 5.5, 3])
    let truth = try readIntegerRows(ann)
    #expect(truth.width == 5 && Array(truth[2]) == [1, 4, 10, 9, 5])
    let found = try exactNearest(in: base.vectors, queries: queries.vectors, metric: .l2, k: 5)
    #expect(found.ids == truth.values)
    let distances = try readVectors(ann + ":distances")
    for row in 0..<4 {
      for (mine, theirs) in zip(found[row], distances[row]) { #expect(abs(mine.distance.squareRoot() - theirs) < 1e-5) }
    }
  }

  @Test("A name behind a colon chooses the dataset, unless a file has the whole name") func names() throws {
    #expect(try readVectors(ann + ":test").count == 4)
    #expect(try readIntegerRows(kinds + ":i8").values == [0, 1, 2, 3, 4, 5])
    #expect(splittingDataset(ann + ":test").path == ann && splittingDataset(ann + ":a/b").dataset == "a/b")
    #expect(splittingDataset(ann).dataset == nil && splittingDataset(ann + ":").dataset == nil)
    #expect(splittingDataset("no-such.hdf5:train").dataset == nil)
    let folder = TemporaryFolder()
    let odd = folder.file("v.txt:train", "1 2\n3 4\n")
    #expect(try readVectors(odd).count == 2 && splittingDataset(odd).dataset == nil)
  }

  @Test(
    "Every kind of number",
    arguments: [
      "f2", "f4", "f8", "big-f4", "big-f8", "i1", "i2", "big-i2", "i4", "i8", "u1", "u2", "u4", "u8", "lzf",
      "group/inner",
      "alias",
    ])
  func numbers(name: String) throws {
    guard name != "lzf" else {
      let failure = #expect(throws: MillError.self) { try read(name) }
      #expect(failure?.kind == .unsupported && failure?.message.contains("filter 32000") == true)
      return
    }
    for isMapped in [true, false] {
      let reading = try read(name, isMapped: isMapped)
      #expect(reading.rows == table)
      let kept: [String: ElementType] = ["f2": .float16, "u1": .uint8]
      #expect(reading.vectors.elementType == kept[name] ?? .float32)
    }
  }

  @Test func boolAndPacked() throws {
    let bits = try read("bool")
    #expect(bits.vectors.elementType == .bit && bits.rows == [[0, 1, 0], [1, 0, 1]])
    let packed = try read("gzip")
    #expect(packed.vectors.count == 80 && packed.vectors[79] == [3, 4, 5] && packed.vectors[0] == [0, 1, 2])
    #expect(try read("empty").vectors.count == 0)
  }

  @Test("Floats that lose what tells them apart are told") func narrowing() throws {
    let time = try read("time")
    #expect(time.report.warnings.count == 1 && time.report.largestLoss == 1)
  }

  @Test(
    "What cannot be read as vectors is refused by what it is",
    arguments: [
      ("flat", "1 dimensions"), ("cube", "3 dimensions"), ("number", "0 dimensions"),
      ("narrow", "impossible dimension 0"),
      ("text", "holds text"), ("complex", "holds records"), ("huge", "row 0, column 1"),
      ("unwritten", "never written"), ("outside", "no dataset 'outside'"), ("virtual", "other files"),
      ("beside", "other files"), ("nothing", "no dataset 'nothing'"), ("group", "no dataset 'group'"),
      ("f4/x", "no dataset"),
      ("", "no dataset"),
    ])
  func refusals(name: String, words: String) throws {
    let failure = #expect(throws: MillError.self) { try read(name) }
    #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
    #expect(failure.map { [65, 69].contains($0.exitCode) } == true && failure?.file == kinds)
    if words.hasPrefix("no dataset") { #expect(failure?.hint?.description.contains("f4, f8") == true) }
  }

  @Test("The usual dataset, else the only one with rows and columns") func choice() throws {
    let failure = #expect(throws: MillError.self) { try readVectorFile(kinds) }
    #expect(failure?.message == "the file has no dataset 'train'")
    #expect(throws: MillError.self) { try readIntegerRows(kinds) }
    #expect(throws: MillError.self) { try readIntegerRows(kinds + ":f4") }
  }

  @Test("What a file holds") func info() throws {
    let info = try hdf5Info(ann)
    #expect(info.datasets.map(\.name) == ["distances", "neighbors", "test", "train"])
    #expect(info.datasets.map(\.shape) == [[4, 5], [4, 5], [4, 3], [12, 3]])
    #expect(info.datasets.map(\.elementType) == ["f32", "i32", "f32", "f32"])
    #expect(info.datasets[3].storedBytes == 144 && info.distance == "euclidean")
    #expect(try checkHDF5(ann) == info)
    let all = try hdf5Info(kinds)
    #expect(all.distance == nil && all.datasets.contains { $0.name == "unwritten" && $0.shape == [1 << 40, 3] })
    #expect(all.datasets.first { $0.name == "complex" }?.elementType == "records")
    #expect(throws: MillError.self) { try checkHDF5(kinds) }
    let text = TemporaryFolder()
    let failure = #expect(throws: MillError.self) { try hdf5Info(text.file("a.hdf5", "1 2\n")) }
    #expect(failure?.kind == .malformed && failure?.message.contains("not an HDF5 file") == true)
  }

  @Test("From memory, as from a pipe") func fromMemory() throws {
    let folder = TemporaryFolder()
    let whole = Array(try readBytes(ann))
    #expect(try reading(whole, "-").rows == readVectorFile(ann).rows)
    #expect(try reading(whole, "a.fvecs").report.dataset == "train")
    let failure = #expect(throws: MillError.self) {
      try readVectorFile(folder.file("cut.hdf5", Array(whole.prefix(6000))))
    }
    #expect(failure?.kind == .malformed)
    #expect(throws: MillError.self) { try reading(Array(whole.prefix(8)), "-") }
    // The answers name a row that the base does not have.
    var wrong = whole
    let ids = bytes([2, 5, 1, 10, 4] as [Int32])
    let place = try #require((0..<whole.count - 20).first { Array(whole[$0..<$0 + 20]) == ids })
    wrong[place] = 12
    let told = #expect(throws: MillError.self) { try checkHDF5(folder.file("wrong.hdf5", wrong)) }
    #expect(told?.message.contains("row 0, column 0") == true)
  }

  @Test("A file that is cut off anywhere is refused") func cut() throws {
    let folder = TemporaryFolder()
    for name in [ann, kinds] {
      let whole = Array(try readBytes(name))
      for part in 0..<16 {
        let path = folder.file("cut.hdf5", Array(whole.prefix(part * whole.count / 16)))
        let failure = #expect(throws: MillError.self) { try checkHDF5(path) }
        #expect(failure?.exitCode == 65)
      }
    }
  }

  private func readBytes(_ path: String) throws -> UnsafeRawBufferPointer.SubSequence {
    let file = try MappedFile(path: path)
    // The file stays mapped to the end of the tests.
    _ = Unmanaged.passRetained(file)
    return file.bytes[...]
  }
}
