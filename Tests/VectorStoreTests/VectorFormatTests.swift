import MillRuntime
import Testing

@testable import VectorStore

@Suite struct VectorFormatTests {
  @Test func bigANNFiles() throws {
    let shape = bytes([2, 3] as [UInt32])
    #expect(try reading(shape + bytes([1, 2, 3, 4, 5, 6.5] as [Float]), "a.fbin").rows == [[1, 2, 3], [4, 5, 6.5]])
    let octets = try reading(shape + [1, 2, 3, 4, 5, 255], "a.u8bin")
    #expect(octets.rows == [[1, 2, 3], [4, 5, 255]] && octets.vectors.elementType == .uint8)
    #expect(try reading(shape + [1, 2, 3, 4, 5, 255], "a.i8bin").rows == [[1, 2, 3], [4, 5, -1]])
    #expect(try reading(shape + bytes([1, 2, 3, 4, 5, -6] as [Int32]), "a.ibin").rows == [[1, 2, 3], [4, 5, -6]])
    let record = bytes([2, 7, -8] as [Int32])
    #expect(try reading(record + record, "a.ivecs").rows == [[7, -8], [7, -8]])
  }

  @Test("Recognized and not offered: refused by name, with a way out")
  func refusals() throws {
    let samples: [(name: String, bytes: [UInt8])] = [
      ("zip (.npz, .pt)", [0x50, 0x4b, 3, 4, 0]),
      ("Parquet", Array("PAR1....".utf8)), ("Arrow", Array("ARROW1..".utf8)),
      ("gzip", [0x1f, 0x8b, 8, 0]),
      ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
      ("bzip2", Array("BZh91AY&SY".utf8)),
      ("Python pickle", [0x80, 4, 0x95]), ("MATLAB", Array("MATLAB 5.0 MAT-file".utf8)),
      ("Faiss index", Array("IxF2....".utf8)), ("JSON", Array("[[1, 2]]".utf8)),
      ("UTF-16 text", [0xff, 0xfe, 0x31, 0]),
      ("Graphmill container", [0x89, 0x47, 0x4d, 0x47, 13, 10, 26, 10]),
    ]
    for sample in samples {
      for name in ["a.fvecs", "a.csv", "-", "a.unknown"] {
        let failure = #expect(throws: MillError.self) { try reading(sample.bytes, name) }
        #expect(failure?.message == "\(sample.name) is not read as vectors" && failure?.hint != nil)
        #expect(failure?.kind == .unsupported)
      }
    }
    for ending in ["safetensors", "mat"] {
      let failure = #expect(throws: MillError.self) { try reading([1, 2, 3, 4], "a.\(ending)") }
      #expect(failure?.kind == .unsupported)
    }
  }

  @Test("Without a name that tells, content does") func withoutAName() throws {
    let record = bytes([2 as Int32]) + bytes([1.5, 2] as [Float])
    #expect(try reading(record + record, "-").report.format == "fvecs")
    #expect(try reading([3, 0, 0, 0, 1, 2, 3, 3, 0, 0, 0, 4, 5, 6], "data.bin").report.format == "bvecs")
    #expect(try reading(text: "1 2\n3 4\n", "-").report.format == "text")
    let failure = #expect(throws: MillError.self) { try reading([1, 2, 200, 201, 0, 7], "data.bin") }
    #expect(failure?.kind == .unsupported && failure?.hint?.description.contains("fbin") == true)
    #expect(VectorFileFormat(path: "x.tar/name") == nil && VectorFileFormat(path: "A.FBIN") == .fbin)
    #expect(VectorFileFormat.names.compactMap { VectorFileFormat(name: $0)?.name } == VectorFileFormat.names)
  }

  @Test(
    "Lengths that look like another format's first bytes", arguments: [91, 123, 640, 896, 1152, 35615, 65279, 65534])
  func lengthsThatLookLikeMagic(dimension: Int) throws {
    let values = [Float](repeating: 0.5, count: dimension)
    let record = bytes([Int32(dimension)]) + bytes(values)
    for name in ["a.fvecs", "-", "a.bin"] {
      let read = try reading(record + record, name)
      #expect(read.vectors.count == 2 && read.vectors.dimension == dimension && read.report.format == "fvecs")
    }
    let octets = bytes([Int32(dimension)]) + [UInt8](repeating: 7, count: dimension)
    #expect(try reading(octets + octets + octets, "a.bvecs").vectors.count == 3)
    let bin = bytes([UInt32(dimension), 2]) + [UInt8](repeating: 9, count: 2 * dimension)
    #expect(try reading(bin, "a.u8bin").vectors.count == dimension)
    #expect(try reading(bytes([UInt32(dimension), 1]) + bytes(values), "a.fbin").vectors.count == dimension)
  }

  @Test func truthInEveryForm() throws {
    func rows(_ bytes: [UInt8], _ name: String) throws(MillError) -> IntegerRows {
      try readIntegers(VectorInput(bytes, name: name, options: .init()))
    }
    let expected = IntegerRows(width: 2, values: [3, 1, -1, 2])
    #expect(try rows(npy("<i8", shape: "2, 2", bytes([3, 1, -1, 2] as [Int64])), "found.npy") == expected)
    #expect(
      try rows(npy("<i4", fortran: true, shape: "2, 2", bytes([3, -1, 1, 2] as [Int32])), "found.npy") == expected)
    #expect(try rows(bytes([2, 3, 1, 2, -1, 2] as [Int32]), "t.ivecs") == expected)
    #expect(try rows(bytes([2, 3, 1, 2, -1, 2] as [Int32]), "t") == expected)
    let ids = bytes([2, 2, 3, 1, -1, 2] as [Int32])
    #expect(try rows(ids, "t.ibin") == expected)
    #expect(try rows(ids + bytes([0.5, 1, 2, 3] as [Float]), "t.ibin") == expected)
    #expect(try rows([], "t.ivecs").count == 0)
    for (data, name) in [
      (npy("<f4", shape: "1, 1", bytes([1 as Float])), "found.npy"), (ids + [0], "t.ibin"), (ids, "t.npy"),
      (Array("3 1\n".utf8), "t.txt"), ([255, 255, 255, 255, 255, 255, 255, 255, 1], "t.ibin"),
      (npy("<u8", shape: "1, 1", bytes([UInt64.max])), "found.npy"),
    ] {
      #expect(throws: MillError.self) { try rows(data, name) }
    }
  }

  @Test("Changed, cut and extended files are read or refused, never more", arguments: 0..<12 as Range<UInt64>)
  func hostile(seed: UInt64) throws {
    let shape = bytes([4, 3] as [UInt32])
    let twelve = bytes((0..<12).map { Float($0) })
    let text = "id,a,b,c\n1,0.5,1e3,7\n2,\"4\",5,6\n3,7,8,9\n"
    let word2vec = "2 2\ncat 1 2\ndog 3 4\n"
    var records: [UInt8] = []
    for row in 0..<4 { records += bytes([3 as Int32]) + Array(twelve[12 * row..<12 * row + 12]) }
    var good: [(name: String, bytes: [UInt8])] = [("a.fvecs", records), ("-", shape + twelve)]
    good.append(("a.bvecs", [3, 0, 0, 0, 1, 2, 3, 3, 0, 0, 0, 4, 5, 6]))
    good.append(("a.ivecs", bytes([2, 7, 8, 2, 9, 9] as [Int32])))
    for ending in ["fbin", "ibin"] { good.append(("a.\(ending)", shape + twelve)) }
    for ending in ["u8bin", "i8bin"] { good.append(("a.\(ending)", shape + Array(0..<12))) }
    good.append(("a.npy", npy("<f4", shape: "4, 3", twelve)))
    good.append(("a.npy", npy(">f8", fortran: true, shape: "2, 3", twelve)))
    good.append(("a.npy", npy("|b1", shape: "6, 8", twelve)))
    for name in ["a.csv", "-"] { good.append((name, Array(text.utf8))) }
    good.append(("a.txt", Array(word2vec.utf8)))
    var random = CounterRandom(seed: seed, stage: "hostile vectors")
    let words: [[UInt8]] = [
      [255, 255, 255, 255], [255, 255, 255, 127], [0, 0, 0, 0], Array("99999999999999999999".utf8), Array("\"".utf8),
      Array(",,".utf8), Array("\n".utf8), Array("-1".utf8), Array("nan".utf8), [0],
    ]
    var readable = 0
    for (name, data) in good {
      for _ in 0..<120 {
        var changed = data
        for _ in 0...random.below(3) {
          let at = Int(random.below(UInt64(max(1, changed.count))))
          switch random.below(4) {
          case 0: if at < changed.count { changed[at] ^= UInt8(1 << random.below(8)) }
          case 1: changed.removeLast(min(changed.count, at))
          case 2: changed.insert(contentsOf: words[Int(random.below(UInt64(words.count)))], at: min(at, changed.count))
          default:
            let word = words[Int(random.below(UInt64(words.count)))]
            changed.replaceSubrange(min(at, changed.count)..<min(at + word.count, changed.count), with: word)
          }
        }
        do throws(MillError) {
          let read = try reading(changed, name)
          // What was read lies within what there is, and all of it can be looked at.
          #expect(read.vectors.count * read.vectors.dimension <= 8 * changed.count)
          #expect(read.rows.count == read.vectors.count)
          if let keys = read.keys { #expect(keys.count == read.vectors.count) }
          readable += 1
        } catch {
          #expect([64, 65, 69].contains(error.exitCode), "\(error)")
        }
        do throws(MillError) {
          _ = try readIntegers(VectorInput(changed, name: name, options: .init()))
        } catch {
          #expect([65, 69].contains(error.exitCode), "\(error)")
        }
      }
    }
    #expect(readable > 0)
  }

  @Test("Sizes that are only claimed allocate nothing") func claims() throws {
    for (data, name) in [
      (bytes([UInt32.max, 1 << 24] as [UInt32]), "a.fbin"), (bytes([UInt32.max, UInt32.max] as [UInt32]), "a.i8bin"),
      (npy("<f8", shape: "4611686018427387904, 4", []), "a.npy"), (npy("|i1", shape: "999999999999, 9", [1]), "a.npy"),
      (npy("|b1", fortran: true, shape: "0, 99999999", []), "a.npy"),
      (npy("<f8", shape: "9223372036854775807, 9223372036854775807", []), "a.npy"),
    ] {
      #expect(throws: MillError.self) { try reading(data, name) }
    }
  }
}
