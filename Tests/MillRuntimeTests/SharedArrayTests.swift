import MillRuntime
import Testing

@Suite struct SharedArrayTests {
  @Test("A temporary array outlives the expression that reads it")
  func temporary() throws {
    func made(_ count: Int) throws -> SharedArray<Double> {
      try SharedArray(copying: (0..<count).map { Double($0) + 0.5 })
    }
    #expect(try made(4)[3] == 3.5)
    // Large enough for pages of its own, which are unmapped with the last owner.
    #expect(try made(300_000)[299_999] == 299_999.5)
    #expect(try made(300_000).reduce(0, +) == 300_000.0 * 300_000 / 2)
  }

  @Test func behavesAsACollection() throws {
    let array = try SharedArray(copying: [3, 1, 4, 1, 5] as [Int32])
    #expect(array.count == 5)
    #expect(Array(array) == [3, 1, 4, 1, 5])
    #expect(array.max() == 5)
    #expect(array.firstIndex(of: 4) == 2)
    #expect(Array(array[1..<3]) == [1, 4])
    #expect(Array(array.shared(1..<4)) == [1, 4, 1])
    #expect(array.description == "[3, 1, 4, 1, 5]")
    #expect(try SharedArray(copying: 0..<100).description == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 100 in all]")
  }

  @Test func emptyArrays() throws {
    let none = SharedArray<UInt64>.empty
    #expect(none.isEmpty && Array(none) == [] && none.description == "[]")
    #expect(none == (try SharedArray(copying: [])))
    #expect(none.withUnsafeBufferPointer { $0.count } == 0)
  }

  @Test func equalByElements() throws {
    let one = try SharedArray(copying: [1, 2, 3])
    let same = try SharedArray(copying: [1, 2, 3])
    #expect(one == same && one.hashValue == same.hashValue)
    #expect(one != (try SharedArray(copying: [1, 2])))
    #expect(one != (try SharedArray(copying: [1, 2, 4])))
  }

  @Test func sharesTheBufferThatWasGivenAway() throws {
    let buffer = try FlatBuffer<UInt32>(count: 3)
    buffer.base[1] = 7
    let array = SharedArray(buffer)
    #expect(Array(array) == [0, 7, 0])
    #expect(array.withUnsafeBufferPointer { $0.baseAddress == UnsafePointer(buffer.base) })
  }

  @Test("A subscript out of range ends the process", arguments: [-1, 3])
  func checksIndices(index: Int) async {
    await #expect(processExitsWith: .failure) { [index] in
      _ = try SharedArray(copying: [1, 2, 3])[index]
    }
  }

  @Test func aBufferThatWasGivenAwayKeepsItsSize() async {
    await #expect(processExitsWith: .failure) {
      let buffer = try FlatBuffer<UInt32>(count: 3)
      let array = SharedArray(buffer)
      buffer.truncate(to: 1)
      print(array)
    }
  }
}
