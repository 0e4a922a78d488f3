import MillRuntime

/// A final p- or n-edge: two supernodes, and the sign in the high bit of the second.
struct SignedEdge: BitwiseCopyable {
  static let negative: UInt32 = 1 << 31
  var x: UInt32
  var signedY: UInt32

  @inline(__always) init(x: UInt32, y: UInt32, isNegative: Bool) {
    self.x = x
    signedY = y | (isNegative ? Self.negative : 0)
  }
  var y: UInt32 { @inline(__always) get { signedY & ~Self.negative } }
  var isNegative: Bool { @inline(__always) get { signedY & Self.negative != 0 } }
}

/// A growing list of signed edges, freed with its last owner, counted against the memory budget.
@safe final class EdgeList: @unchecked Sendable {
  private(set) var base: UnsafeMutablePointer<SignedEdge>
  private(set) var count = 0
  private var capacity: Int
  private var owner: Owner
  private var refusal: MillError?

  /// What `base` lies in.
  private enum Owner {
    case block(CountedBlock<SignedEdge>)
    case buffer(FlatBuffer<SignedEdge>)
  }

  init(capacity: Int = 16) {
    self.capacity = max(16, capacity)
    let block = CountedBlock<SignedEdge>(capacity: self.capacity)
    owner = .block(block)
    unsafe base = block.base
    refusal = block.refusal
  }

  /// The first `count` edges of a buffer, which the list then holds.
  init(adopting buffer: FlatBuffer<SignedEdge>, count: Int) {
    buffer.truncate(to: count)
    owner = .buffer(buffer)
    unsafe base = buffer.base
    capacity = count
    self.count = count
  }

  /// Throws when the list has become larger than the memory budget allows.
  func checkBudget() throws(MillError) {
    if let refusal { throw refusal }
  }

  func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    let next = max(wanted, capacity * 2)
    let block = CountedBlock<SignedEdge>(capacity: next)
    unsafe block.base.update(from: base, count: count)
    owner = .block(block)
    unsafe base = block.base
    capacity = next
    refusal = refusal ?? block.refusal
  }

  func append(_ edge: SignedEdge) {
    if count == capacity { reserve(count + 1) }
    unsafe base[count] = edge
    count += 1
  }

  func append(_ source: UnsafePointer<SignedEdge>, _ number: Int) {
    reserve(count + number)
    unsafe (base + count).update(from: source, count: number)
    count += number
  }

  func truncate(to newCount: Int) { count = min(count, newCount) }
}
