/// The private copy of the links of one group.
extension GroupMerger {
  /// Builds the lists; false when nothing can be merged.
  mutating func copyLinks(_ roots: UnsafeBufferPointer<UInt32>, _ lists: RootLists) -> Bool {
    let k = roots.count
    memberCount = k
    members.reserve(k)
    hubs.reserve(k)
    var linkCount = 0
    for i in 0..<k {
      unsafe slot[Int(roots[i])] = UInt32(i + 2)
      let root = unsafe lists.roots[Int(roots[i])]
      linkCount += Int(root.linkCount)
      unsafe hubs.base[i] = Hub()
      unsafe members.base[i] = Member(
        total: root.total, height: root.height, innerState: root.innerState, type: root.type,
        childType: root.childType, isActive: true)
    }
    seen.reserve(linkCount)
    hubs.reserve(k + linkCount / 2)
    let hubBase = unsafe hubs.base
    var hubCount = k
    var seenCount = 0
    for i in 0..<k {
      let links = unsafe lists.links(of: Int(roots[i]))
      for j in unsafe 0..<Int(lists.roots[Int(roots[i])].linkCount) {
        let root = unsafe links[j].other
        let place = unsafe slot[Int(root)]
        if place >= 2 {
          unsafe hubBase[Int(place) &- 2].count &+= 1
        } else if place == 0 {
          unsafe slot[Int(root)] = 1
          unsafe seen.base[seenCount] = root
          seenCount &+= 1
        } else {
          unsafe slot[Int(root)] = UInt32(hubCount &+ 2)
          unsafe hubBase[hubCount] = Hub(start: 0, count: 2, mark: 0)
          hubCount &+= 1
        }
      }
    }
    var total = 0
    for h in 0..<hubCount {
      unsafe hubBase[h].start = total
      unsafe total += Int(hubBase[h].count)
      unsafe hubBase[h].count = 0
    }
    if total > 0 { unsafe fill(roots, lists, total) }
    for i in 0..<seenCount { unsafe slot[Int(seen.base[i])] = 0 }
    for i in roots.indices { unsafe slot[Int(roots[i])] = 0 }
    return total > 0
  }

  private mutating func fill(_ roots: UnsafeBufferPointer<UInt32>, _ lists: RootLists, _ total: Int) {
    incidences.reserve(total)
    spokes.reserve(total)
    incidencesUsed = total
    let (hubBase, incidence, spoke) = unsafe (hubs.base, incidences.base, spokes.base)
    var used = 0
    for i in 0..<roots.count {
      let links = unsafe lists.links(of: Int(roots[i]))
      let start = used
      for j in unsafe 0..<Int(lists.roots[Int(roots[i])].linkCount) {
        let link = unsafe links[j]
        let place = unsafe slot[Int(link.other)]
        if place < 2 { continue }
        let hub = Int(place) &- 2
        unsafe spoke[used] = Spoke(hub: UInt32(hub), view: link.view)
        used &+= 1
        unsafe incidence[hubBase[hub].start &+ Int(hubBase[hub].count)] = Incidence(
          member: UInt16(i), view: UInt16(truncatingIfNeeded: link.view), cost: link.cost)
        unsafe hubBase[hub].count &+= 1
      }
      unsafe members.base[i].start = start
      unsafe members.base[i].count = Int32(used &- start)
      unsafe members.base[i].capacity = Int32(used &- start)
    }
    spokesUsed = used
  }
}
