/// Merging inside the private copy: only states and costs change, no edge is written.
extension GroupMerger {
  /// Merges `a`, which no hub lists any more, into slot `b`.
  mutating func join(_ a: Int, _ b: Int) {
    let k = unsafe members.base
    var view = MergeTables.noLink
    var between: UInt32 = 0
    let linkedA = unsafe incidences.base + hubs.base[a].start
    let countA = unsafe Int(hubs.base[a].count)
    let linkedB = unsafe incidences.base + hubs.base[b].start
    let countB = unsafe Int(hubs.base[b].count)
    for j in 0..<countA where unsafe Int(linkedA[j].member) == b {
      view = unsafe Int(linkedA[j].view) ^ 256
      between = unsafe linkedA[j].cost
    }
    let inner = innerMerge(a, b, view: view)
    // Costs of links with members, for the new list of hub b.
    for j in 0..<countA { unsafe k[Int(linkedA[j].member)].between = unsafe linkedA[j].cost }
    for j in 0..<countB { unsafe k[Int(linkedB[j].member)].between &+= linkedB[j].cost }
    mergedMembers.reserve(countA + countB)
    var mergedMemberCount = 0

    let spokesA = unsafe spokes.base + k[a].start
    let spokesB = unsafe spokes.base + k[b].start
    let hubBase = unsafe hubs.base
    for s in unsafe 0..<Int(k[a].count) { unsafe hubBase[Int(spokesA[s].hub)].mark = Int32(s + 1) }
    unsafe merged.reserve(Int(k[a].count) + Int(k[b].count))
    let target = unsafe merged.base
    var length = 0
    var gainSum = 0
    for s in unsafe 0..<Int(k[b].count) {
      let h = unsafe Int(spokesB[s].hub)
      if h == a { continue }
      let mark = unsafe hubBase[h].mark
      unsafe hubBase[h].mark = 0
      let viewA = unsafe mark == 0 ? MergeTables.noLink : Int(spokesA[Int(mark) - 1].view)
      let viewB = unsafe Int(spokesB[s].view)
      let state = unsafe Int(tables.bestDrop[viewA * 513 + viewB])
      let gain = mark == 0 ? 0 : tables.gain(viewA, viewB)
      gainSum += Int(gain)
      let list = unsafe incidences.base + hubBase[h].start
      let entries = unsafe Int(hubBase[h].count)
      var j = 0
      while unsafe Int(list[j].member) != b { j &+= 1 }
      unsafe list[j].view = UInt16(256 + state)
      if h < memberCount {
        if unsafe k[h].isActive {
          unsafe list[j].cost = k[h].between - gain
          unsafe k[h].total -= gain
          unsafe mergedMembers.base[mergedMemberCount] = Incidence(
            member: UInt16(h), view: UInt16(state), cost: k[h].between - gain)
          mergedMemberCount += 1
          relink(h, a, b, state)
        }
      } else if entries == 1 {
        continue
      }
      unsafe target[length] = Spoke(hub: UInt32(h), view: UInt32(256 + state))
      length += 1
    }
    for s in unsafe 0..<Int(k[a].count) {
      let h = unsafe Int(spokesA[s].hub)
      if unsafe h == b || hubBase[h].mark == 0 {
        unsafe hubBase[h].mark = 0
        continue
      }
      unsafe hubBase[h].mark = 0
      let viewA = unsafe Int(spokesA[s].view)
      let state = unsafe Int(tables.bestDrop[viewA * 513 + MergeTables.noLink])
      let entries = unsafe Int(hubBase[h].count)
      if h >= memberCount, entries == 0 { continue }
      // A's own entry was taken out, so there is room for one.
      var entry = Incidence(member: UInt16(b), view: UInt16(256 + state), cost: 0)
      if h < memberCount, unsafe k[h].isActive {
        entry.cost = unsafe k[h].between
        unsafe mergedMembers.base[mergedMemberCount] = Incidence(
          member: UInt16(h), view: UInt16(state), cost: entry.cost)
        mergedMemberCount += 1
        relink(h, a, b, state)
      }
      unsafe incidences.base[hubBase[h].start + entries] = entry
      unsafe hubBase[h].count += 1
      unsafe target[length] = Spoke(hub: UInt32(h), view: UInt32(256 + state))
      length += 1
    }
    for j in 0..<countA { unsafe k[Int(linkedA[j].member)].between = 0 }
    for j in 0..<countB { unsafe k[Int(linkedB[j].member)].between = 0 }

    unsafe k[b].total = k[a].total &+ k[b].total &- between &- UInt32(gainSum + inner.gain)
    unsafe k[b].innerState = UInt16(inner.state)
    let childType = unsafe (k[a].type == MergeTables.leafType ? 1 : 0) | (k[b].type == MergeTables.leafType ? 2 : 0)
    unsafe k[b].type = 5 * k[a].childType + k[b].childType
    unsafe k[b].childType = UInt8(childType)
    unsafe k[b].height = max(k[a].height, k[b].height) + 1
    storeSpokes(of: b, length, spare: a)
    storeIncidences(of: b, mergedMemberCount, spare: a)
  }

  /// In the list of member `m`: the hub `a` goes, the hub `b` is the merged root in a new state.
  private func relink(_ m: Int, _ a: Int, _ b: Int, _ state: Int) {
    let list = unsafe spokes.base + members.base[m].start
    var length = unsafe Int(members.base[m].count)
    var isFound = false
    var j = 0
    while j < length {
      let hub = unsafe Int(list[j].hub)
      if hub == b {
        unsafe list[j].view = UInt32(state)
        isFound = true
      } else if hub == a {
        if unsafe isFound || containsHub(b, list, from: j + 1, to: length) {
          length -= 1
          unsafe list[j] = list[length]
          continue
        }
        unsafe list[j] = Spoke(hub: UInt32(b), view: UInt32(state))
        isFound = true
      }
      j += 1
    }
    unsafe members.base[m].count = Int32(length)
  }

  private func containsHub(_ hub: Int, _ list: UnsafePointer<Spoke>, from low: Int, to high: Int) -> Bool {
    for j in low..<high where unsafe Int(list[j].hub) == hub { return true }
    return false
  }

  private mutating func storeSpokes(of b: Int, _ length: Int, spare a: Int) {
    for child in [b, a] where unsafe length <= Int(members.base[child].capacity) {
      unsafe members.base[b].start = members.base[child].start
      unsafe members.base[b].capacity = members.base[child].capacity
      unsafe members.base[b].count = Int32(length)
      unsafe (spokes.base + members.base[b].start).update(from: merged.base, count: length)
      return
    }
    spokes.reserve(spokesUsed + length)
    unsafe members.base[b].start = spokesUsed
    unsafe members.base[b].capacity = Int32(length)
    unsafe members.base[b].count = Int32(length)
    unsafe (spokes.base + spokesUsed).update(from: merged.base, count: length)
    spokesUsed += length
  }

  /// The new list of hub `b`; it gets a place of its own at the end, of just its length.
  private mutating func storeIncidences(of b: Int, _ length: Int, spare a: Int) {
    if unsafe length > Int(hubs.base[b].count), length > 0 {
      incidences.reserve(incidencesUsed + length)
      unsafe hubs.base[b].start = incidencesUsed
      incidencesUsed += length
    }
    unsafe hubs.base[b].count = Int32(length)
    unsafe (incidences.base + hubs.base[b].start).update(from: mergedMembers.base, count: length)
  }
}
