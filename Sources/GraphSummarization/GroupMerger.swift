import MillRuntime

/// Decides the merges inside one group, on a private copy of its links.
///
/// Members are numbered 0..<k. Every root that at least two members are linked to becomes a *hub*; hub i < k is member
/// i itself as seen by the other members, the rest are roots outside the group. Roots that only one member knows never
/// contribute to a saving and are left out. One instance a worker; memory is kept from group to group.
struct GroupMerger {
  /// A hub in a member's list, with the view at the member's end.
  private struct Spoke: BitwiseCopyable {
    var hub: UInt32
    var view: UInt32
  }
  /// A member in a hub's list, with the view at the member's end; the cost is kept where the hub is a member.
  private struct Incidence: BitwiseCopyable {
    var member: UInt16
    var view: UInt16
    var cost: UInt32
  }
  private struct Member: BitwiseCopyable {
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
  private struct Hub: BitwiseCopyable {
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

  /// Settings of one iteration.
  struct Rule: Sendable {
    var threshold: Double
    var offset: Double
    var heightLimit: Int
  }

  private let tables = MergeTables.shared
  /// Per root: 0, 1 for one sight of it, or its hub number + 2; zero between groups.
  private let slot: UnsafeMutablePointer<UInt32>
  private let slotOwner: FlatBuffer<UInt32>
  private var members = GrowableBuffer<Member>()
  private var hubs = GrowableBuffer<Hub>()
  private var spokes = GrowableBuffer<Spoke>(capacity: 4096)
  private var incidences = GrowableBuffer<Incidence>(capacity: 4096)
  private var seen = GrowableBuffer<UInt32>(capacity: 1024)
  private var active = GrowableBuffer<UInt16>()
  private var touched = GrowableBuffer<UInt16>()
  private var merged = GrowableBuffer<Spoke>(capacity: 1024)
  private var mergedMembers = GrowableBuffer<Incidence>(capacity: 1024)
  private var memberCount = 0
  private var spokesUsed = 0
  private var incidencesUsed = 0
  /// Candidate pairs that were scored.
  private(set) var evaluations = 0
  /// Table look-ups.
  private(set) var lookups = 0

  init(nodeCapacity: Int) throws(MillError) {
    slotOwner = try FlatBuffer<UInt32>(count: max(1, nodeCapacity))
    slot = slotOwner.base
  }

  func deallocate() {
    members.deallocate()
    hubs.deallocate()
    spokes.deallocate()
    incidences.deallocate()
    seen.deallocate()
    active.deallocate()
    touched.deallocate()
    merged.deallocate()
    mergedMembers.deallocate()
  }

  /// Decides the merges of one group, in order.
  mutating func decide(
    _ roots: UnsafeBufferPointer<UInt32>, state: borrowing LinkState, rule: Rule, random: inout CounterRandom,
    into decisions: inout [Decision]
  ) {
    guard copyLinks(roots, state) else { return }
    let k = roots.count
    active.reserve(k)
    touched.reserve(k + 1)
    for i in 0..<k { active.base[i] = UInt16(i) }
    var left = k
    while left > 1 {
      let pick = Int(random.below(UInt64(left)))
      let a = Int(active.base[pick])
      left -= 1
      active.base[pick] = active.base[left]
      members.base[a].isActive = false
      let b = evaluate(a, rule)
      if b >= 0 {
        join(a, b)
        decisions.append(Decision(first: UInt16(a), second: UInt16(b)))
      }
    }
  }

  // MARK: The copy

  /// Builds the lists; false when nothing can be merged.
  private mutating func copyLinks(_ roots: UnsafeBufferPointer<UInt32>, _ state: borrowing LinkState) -> Bool {
    let k = roots.count
    memberCount = k
    members.reserve(k)
    hubs.reserve(k)
    var linkCount = 0
    for i in 0..<k {
      slot[Int(roots[i])] = UInt32(i + 2)
      let root = state.roots[Int(roots[i])]
      linkCount += Int(root.linkCount)
      hubs.base[i] = Hub()
      members.base[i] = Member(
        total: root.total, height: root.height, innerState: root.innerState, type: root.type,
        childType: root.childType, isActive: true)
    }
    seen.reserve(linkCount)
    hubs.reserve(k + linkCount / 2)
    let hubBase = hubs.base
    var hubCount = k
    var seenCount = 0
    for i in 0..<k {
      let links = state.links(of: Int(roots[i]))
      for j in 0..<Int(state.roots[Int(roots[i])].linkCount) {
        let root = links[j].other
        let place = slot[Int(root)]
        if place >= 2 {
          hubBase[Int(place) &- 2].count &+= 1
        } else if place == 0 {
          slot[Int(root)] = 1
          seen.base[seenCount] = root
          seenCount &+= 1
        } else {
          slot[Int(root)] = UInt32(hubCount &+ 2)
          hubBase[hubCount] = Hub(start: 0, count: 2, mark: 0)
          hubCount &+= 1
        }
      }
    }
    var total = 0
    for h in 0..<hubCount {
      hubBase[h].start = total
      total += Int(hubBase[h].count)
      hubBase[h].count = 0
    }
    if total > 0 { fill(roots, state, total) }
    for i in 0..<seenCount { slot[Int(seen.base[i])] = 0 }
    for root in roots { slot[Int(root)] = 0 }
    return total > 0
  }

  private mutating func fill(_ roots: UnsafeBufferPointer<UInt32>, _ state: borrowing LinkState, _ total: Int) {
    incidences.reserve(total)
    spokes.reserve(total)
    incidencesUsed = total
    let (hubBase, incidence, spoke) = (hubs.base, incidences.base, spokes.base)
    var used = 0
    for i in 0..<roots.count {
      let links = state.links(of: Int(roots[i]))
      let start = used
      for j in 0..<Int(state.roots[Int(roots[i])].linkCount) {
        let link = links[j]
        let place = slot[Int(link.other)]
        if place < 2 { continue }
        let hub = Int(place) &- 2
        spoke[used] = Spoke(hub: UInt32(hub), view: link.view)
        used &+= 1
        incidence[hubBase[hub].start &+ Int(hubBase[hub].count)] = Incidence(
          member: UInt16(i), view: UInt16(truncatingIfNeeded: link.view), cost: link.cost)
        hubBase[hub].count &+= 1
      }
      members.base[i].start = start
      members.base[i].count = Int32(used &- start)
      members.base[i].capacity = Int32(used &- start)
    }
    spokesUsed = used
  }

  // MARK: Evaluation

  /// Scores `a` against all active members and takes it out of all hubs; the best partner, or -1.
  private mutating func evaluate(_ a: Int, _ rule: Rule) -> Int {
    let member = members.base
    let hub = hubs.base
    let incidence = incidences.base
    let touchedBase = touched.base
    let gains = tables.gainBits
    var touchedCount = 0
    let spokeBase = spokes.base + member[a].start
    for s in 0..<Int(member[a].count) {
      let spoke = spokeBase[s]
      let row = gains + Int(spoke.view) &* 16
      let list = incidence + hub[Int(spoke.hub)].start
      var length = Int(hub[Int(spoke.hub)].count)
      var j = 0
      while j < length {
        let entry = list[j]
        let b = Int(entry.member)
        if b == a {
          length &-= 1
          list[j] = list[length]
          continue
        }
        let gain = row[Int(entry.view &>> 5)] &>> UInt32(entry.view & 31) & 1
        let before = member[b].reduction
        touchedBase[touchedCount] = entry.member
        touchedCount &+= before == 0 ? Int(gain) : 0
        member[b].reduction = before &+ gain
        j &+= 1
      }
      hub[Int(spoke.hub)].count = Int32(length)
      lookups &+= length
    }
    // Links with other members: their costs first, then the partners without, then those with one.
    let linked = incidence + hub[a].start
    let linkedCount = Int(hub[a].count)
    for j in 0..<linkedCount { member[Int(linked[j].member)].between = linked[j].cost }
    var best = -1
    var bestSaving = 0.0
    let totalA = member[a].total
    func consider(_ b: Int, _ reduction: UInt32) {
      if reduction < 2 { return }
      let before = Double(totalA &+ member[b].total &- member[b].between)
      let saved = Double(reduction) - rule.offset
      if saved < rule.threshold * before || saved <= bestSaving * before && best >= 0 { return }
      if Int(max(member[a].height, member[b].height)) >= rule.heightLimit { return }
      best = b
      bestSaving = saved / before
    }
    for j in 0..<touchedCount {
      let b = Int(touchedBase[j])
      if member[b].between == 0 {
        consider(b, member[b].reduction)
        member[b].reduction = 0
      }
    }
    evaluations &+= touchedCount &+ linkedCount
    for j in 0..<linkedCount {
      let b = Int(linked[j].member)
      let common = member[b].reduction
      let before = Double(totalA &+ member[b].total &- member[b].between)
      let most = Double(common) + 2 - rule.offset
      if most >= rule.threshold * before, most > bestSaving * before || best < 0 {
        let inner = innerMerge(a, b, view: Int(linked[j].view) ^ 256)
        consider(b, common &+ UInt32(inner.gain))
      }
      member[b].reduction = 0
      member[b].between = 0
    }
    return best
  }

  /// `view` is that at A's end.
  private func innerMerge(_ a: Int, _ b: Int, view: Int) -> MergeTables.InnerMerge {
    let (x, y) = (members.base[a], members.base[b])
    return tables.innerMerge(
      typeA: Int(x.type), stateA: Int(x.innerState), typeB: Int(y.type), stateB: Int(y.innerState), view: view,
      mergedType: 5 * Int(x.childType) + Int(y.childType))
  }

  // MARK: Merging

  /// Merges `a`, which no hub lists any more, into slot `b`.
  private mutating func join(_ a: Int, _ b: Int) {
    let k = members.base
    var view = MergeTables.noLink
    var between: UInt32 = 0
    let linkedA = incidences.base + hubs.base[a].start
    let countA = Int(hubs.base[a].count)
    let linkedB = incidences.base + hubs.base[b].start
    let countB = Int(hubs.base[b].count)
    for j in 0..<countA where Int(linkedA[j].member) == b {
      view = Int(linkedA[j].view) ^ 256
      between = linkedA[j].cost
    }
    let inner = innerMerge(a, b, view: view)
    // Costs of links with members, for the new list of hub b.
    for j in 0..<countA { k[Int(linkedA[j].member)].between = linkedA[j].cost }
    for j in 0..<countB { k[Int(linkedB[j].member)].between &+= linkedB[j].cost }
    mergedMembers.reserve(countA + countB)
    var mergedMemberCount = 0

    let spokesA = spokes.base + k[a].start
    let spokesB = spokes.base + k[b].start
    let hubBase = hubs.base
    for s in 0..<Int(k[a].count) { hubBase[Int(spokesA[s].hub)].mark = Int32(s + 1) }
    merged.reserve(Int(k[a].count) + Int(k[b].count))
    let target = merged.base
    var length = 0
    var gainSum = 0
    for s in 0..<Int(k[b].count) {
      let h = Int(spokesB[s].hub)
      if h == a { continue }
      let mark = hubBase[h].mark
      hubBase[h].mark = 0
      let viewA = mark == 0 ? MergeTables.noLink : Int(spokesA[Int(mark) - 1].view)
      let viewB = Int(spokesB[s].view)
      let state = Int(tables.bestDrop[viewA * 513 + viewB])
      var gain: UInt32 = 0
      if mark != 0 { gain = tables.gainBits[viewA * 16 + viewB >> 5] >> UInt32(viewB & 31) & 1 }
      gainSum += Int(gain)
      let list = incidences.base + hubBase[h].start
      let entries = Int(hubBase[h].count)
      var j = 0
      while Int(list[j].member) != b { j &+= 1 }
      list[j].view = UInt16(256 + state)
      if h < memberCount {
        if k[h].isActive {
          list[j].cost = k[h].between - gain
          k[h].total -= gain
          mergedMembers.base[mergedMemberCount] = Incidence(
            member: UInt16(h), view: UInt16(state), cost: k[h].between - gain)
          mergedMemberCount += 1
          relink(h, a, b, state)
        }
      } else if entries == 1 {
        continue
      }
      target[length] = Spoke(hub: UInt32(h), view: UInt32(256 + state))
      length += 1
    }
    for s in 0..<Int(k[a].count) {
      let h = Int(spokesA[s].hub)
      if h == b || hubBase[h].mark == 0 {
        hubBase[h].mark = 0
        continue
      }
      hubBase[h].mark = 0
      let viewA = Int(spokesA[s].view)
      let state = Int(tables.bestDrop[viewA * 513 + MergeTables.noLink])
      let entries = Int(hubBase[h].count)
      if h >= memberCount, entries == 0 { continue }
      // A's own entry was taken out, so there is room for one.
      var entry = Incidence(member: UInt16(b), view: UInt16(256 + state), cost: 0)
      if h < memberCount, k[h].isActive {
        entry.cost = k[h].between
        mergedMembers.base[mergedMemberCount] = Incidence(
          member: UInt16(h), view: UInt16(state), cost: entry.cost)
        mergedMemberCount += 1
        relink(h, a, b, state)
      }
      incidences.base[hubBase[h].start + entries] = entry
      hubBase[h].count += 1
      target[length] = Spoke(hub: UInt32(h), view: UInt32(256 + state))
      length += 1
    }
    for j in 0..<countA { k[Int(linkedA[j].member)].between = 0 }
    for j in 0..<countB { k[Int(linkedB[j].member)].between = 0 }

    k[b].total = k[a].total &+ k[b].total &- between &- UInt32(gainSum + inner.gain)
    k[b].innerState = UInt16(inner.state)
    let childType = (k[a].type == MergeTables.leafType ? 1 : 0) | (k[b].type == MergeTables.leafType ? 2 : 0)
    k[b].type = 5 * k[a].childType + k[b].childType
    k[b].childType = UInt8(childType)
    k[b].height = max(k[a].height, k[b].height) + 1
    storeSpokes(of: b, length, spare: a)
    storeIncidences(of: b, mergedMemberCount, spare: a)
  }

  /// In the list of member `m`: the hub `a` goes, the hub `b` is the merged root in a new state.
  private func relink(_ m: Int, _ a: Int, _ b: Int, _ state: Int) {
    let list = spokes.base + members.base[m].start
    var length = Int(members.base[m].count)
    var isFound = false
    var j = 0
    while j < length {
      let hub = Int(list[j].hub)
      if hub == b {
        list[j].view = UInt32(state)
        isFound = true
      } else if hub == a {
        if isFound || containsHub(b, list, from: j + 1, to: length) {
          length -= 1
          list[j] = list[length]
          continue
        }
        list[j] = Spoke(hub: UInt32(b), view: UInt32(state))
        isFound = true
      }
      j += 1
    }
    members.base[m].count = Int32(length)
  }

  private func containsHub(_ hub: Int, _ list: UnsafePointer<Spoke>, from low: Int, to high: Int) -> Bool {
    for j in low..<high where Int(list[j].hub) == hub { return true }
    return false
  }

  private mutating func storeSpokes(of b: Int, _ length: Int, spare a: Int) {
    for child in [b, a] where length <= Int(members.base[child].capacity) {
      members.base[b].start = members.base[child].start
      members.base[b].capacity = members.base[child].capacity
      members.base[b].count = Int32(length)
      (spokes.base + members.base[b].start).update(from: merged.base, count: length)
      return
    }
    spokes.reserve(spokesUsed + length)
    members.base[b].start = spokesUsed
    members.base[b].capacity = Int32(length)
    members.base[b].count = Int32(length)
    (spokes.base + spokesUsed).update(from: merged.base, count: length)
    spokesUsed += length
  }

  /// The new list of hub `b`; it gets a place of its own at the end, with room for what may be added later: nothing.
  private mutating func storeIncidences(of b: Int, _ length: Int, spare a: Int) {
    if length > Int(hubs.base[b].count), length > 0 {
      incidences.reserve(incidencesUsed + length)
      hubs.base[b].start = incidencesUsed
      incidencesUsed += length
    }
    hubs.base[b].count = Int32(length)
    (incidences.base + hubs.base[b].start).update(from: mergedMembers.base, count: length)
  }
}
