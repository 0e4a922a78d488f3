import MillRuntime

/// Decides the merges inside one group, on a private copy of its links.
///
/// Members are numbered 0..<k. Every root that at least two members are linked to becomes a *hub*; hub i < k is member
/// i itself as seen by the other members, the rest are roots outside the group. Roots that only one member knows never
/// contribute to a saving and are left out. One instance a worker; memory is kept from group to group.
@safe struct GroupMerger {
  /// A hub in a member's list, with the view at the member's end.
  struct Spoke: BitwiseCopyable {
    var hub: UInt32
    var view: UInt32
  }
  /// A member in a hub's list, with the view at the member's end; the cost is kept where the hub is a member.
  struct Incidence: BitwiseCopyable {
    var member: UInt16
    var view: UInt16
    var cost: UInt32
  }
  struct Member: BitwiseCopyable {
    var start = 0
    var count: Int32 = 0
    var capacity: Int32 = 0
    var total: UInt32 = 0
    var reduction: UInt32 = 0
    /// Cost of the link with the member under evaluation.
    var between: UInt32 = 0
    var height: UInt32 = 0
    var innerState: UInt16 = 0
    var type: UInt8 = 0
    var childType: UInt8 = 0
    var isActive = false
  }
  struct Hub: BitwiseCopyable {
    var start = 0
    var count: Int32 = 0
    /// Place in the list under merge + 1.
    var mark: Int32 = 0
  }

  /// A decided merge: the second slot then holds the new root.
  struct Decision: BitwiseCopyable {
    var first: UInt16
    var second: UInt16
  }

  let tables = MergeTables.shared
  /// Per root: 0, 1 for one sight of it, or its hub number + 2; zero between groups.
  private(set) var slot: UnsafeMutablePointer<UInt32>
  private var slotOwner: FlatBuffer<UInt32>
  var members = GrowableBuffer<Member>()
  var hubs = GrowableBuffer<Hub>()
  var spokes = GrowableBuffer<Spoke>(capacity: 4096)
  var incidences = GrowableBuffer<Incidence>(capacity: 4096)
  var seen = GrowableBuffer<UInt32>(capacity: 1024)
  var active = GrowableBuffer<UInt16>()
  var touched = GrowableBuffer<UInt16>()
  var merged = GrowableBuffer<Spoke>(capacity: 1024)
  var mergedMembers = GrowableBuffer<Incidence>(capacity: 1024)
  var memberCount = 0
  var spokesUsed = 0
  var incidencesUsed = 0
  /// Candidate pairs that were scored.
  var evaluations = 0
  /// Table look-ups.
  var lookups = 0

  init(nodeCapacity: Int) throws(MillError) {
    slotOwner = try FlatBuffer<UInt32>(count: max(1, nodeCapacity))
    unsafe slot = slotOwner.base
  }

  /// Room for roots of numbers below `nodeCapacity`, between groups.
  mutating func reserve(nodeCapacity: Int) throws(MillError) {
    guard nodeCapacity > slotOwner.count else { return }
    slotOwner = try FlatBuffer<UInt32>(count: 2 * nodeCapacity)
    unsafe slot = slotOwner.base
  }

  /// Decides the merges of one group, in order. The order of the links in the lists has no say.
  mutating func decide(
    _ roots: UnsafeBufferPointer<UInt32>, lists: RootLists, rule: MergeRule, random: inout CounterRandom,
    into decisions: inout [Decision]
  ) {
    guard unsafe copyLinks(roots, lists) else { return }
    let k = roots.count
    active.reserve(k)
    touched.reserve(k + 1)
    for i in 0..<k { unsafe active.base[i] = UInt16(i) }
    var left = k
    while left > 1 {
      let pick = Int(random.below(UInt64(left)))
      let a = unsafe Int(active.base[pick])
      left -= 1
      unsafe active.base[pick] = active.base[left]
      unsafe members.base[a].isActive = false
      let b = evaluate(a, rule)
      if b >= 0 {
        join(a, b)
        decisions.append(Decision(first: UInt16(a), second: UInt16(b)))
      }
    }
  }
}
