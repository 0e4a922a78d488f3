/// Merging inside the private copy: only states and costs change, no edge is written.
extension GroupMerger {
  /// Merges `a`, which no hub lists any more, into slot `b`.
  mutating func join(_ a: Int, _ b: Int) {
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
      let gain = mark == 0 ? 0 : tables.gain(viewA, viewB)
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

  /// The new list of hub `b`; it gets a place of its own at the end, of just its length.
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
