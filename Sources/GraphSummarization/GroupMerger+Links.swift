/// The private copy of the links of one group.
extension GroupMerger {
  /// Builds the lists; false when nothing can be merged.
  mutating func copyLinks(_ roots: UnsafeBufferPointer<UInt32>, _ state: borrowing LinkState) -> Bool {
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
}
