/// Savings of a member with all others (Lee, Ko, Shin, ICDE 2022, section III-B3): one look-up a common neighbor.
extension GroupMerger {
  /// Scores `a` against all active members and takes it out of all hubs; the best partner, or -1.
  ///
  /// The best has the largest saving, and the smallest slot among equals: whatever order the lists are in.
  mutating func evaluate(_ a: Int, _ rule: MergeRule) -> Int {
    let member = unsafe members.base
    let hub = unsafe hubs.base
    let incidence = unsafe incidences.base
    let touchedBase = unsafe touched.base
    var touchedCount = 0
    let spokeBase = unsafe spokes.base + member[a].start
    for s in unsafe 0..<Int(member[a].count) {
      let spoke = unsafe spokeBase[s]
      let gains = tables.gains(of: Int(spoke.view))
      let list = unsafe incidence + hub[Int(spoke.hub)].start
      var length = unsafe Int(hub[Int(spoke.hub)].count)
      var j = 0
      while j < length {
        let entry = unsafe list[j]
        let b = Int(entry.member)
        if b == a {
          length &-= 1
          unsafe list[j] = list[length]
          continue
        }
        let gain = gains[UInt32(entry.view)]
        let before = unsafe member[b].reduction
        unsafe touchedBase[touchedCount] = entry.member
        touchedCount &+= before == 0 ? Int(gain) : 0
        unsafe member[b].reduction = before &+ gain
        j &+= 1
      }
      unsafe hub[Int(spoke.hub)].count = Int32(length)
      lookups &+= length
    }
    // Links with other members: their costs first, then the partners without, then those with one.
    let linked = unsafe incidence + hub[a].start
    let linkedCount = unsafe Int(hub[a].count)
    for j in 0..<linkedCount { unsafe member[Int(linked[j].member)].between = unsafe linked[j].cost }
    var best = -1
    var bestSaving = 0.0
    let totalA = unsafe member[a].total
    @inline(__always) func edgesBefore(_ b: Int) -> Double {
      unsafe Double(totalA &+ member[b].total &- member[b].between)
    }
    func consider(_ b: Int, _ reduction: UInt32) {
      guard rule.accepts(reduction: Int(reduction), before: edgesBefore(b)) else { return }
      let saving = rule.saved(Int(reduction)) / edgesBefore(b)
      if best >= 0, saving < bestSaving || saving == bestSaving && b > best { return }
      if unsafe Int(max(member[a].height, member[b].height)) >= rule.heightLimit { return }
      best = b
      bestSaving = saving
    }
    for j in 0..<touchedCount {
      let b = unsafe Int(touchedBase[j])
      if unsafe member[b].between == 0 {
        unsafe consider(b, member[b].reduction)
        unsafe member[b].reduction = 0
      }
    }
    evaluations &+= touchedCount &+ linkedCount
    for j in 0..<linkedCount {
      let b = unsafe Int(linked[j].member)
      let common = unsafe member[b].reduction
      let before = edgesBefore(b)
      let most = rule.saved(Int(common) + 2)
      if most >= rule.threshold * before, best < 0 || most / before >= bestSaving {
        let inner = unsafe innerMerge(a, b, view: Int(linked[j].view) ^ 256)
        consider(b, common &+ UInt32(inner.gain))
      }
      unsafe member[b].reduction = 0
      unsafe member[b].between = 0
    }
    return best
  }

  /// `view` is that at A's end.
  func innerMerge(_ a: Int, _ b: Int, view: Int) -> MergeTables.InnerMerge {
    let (x, y) = unsafe (members.base[a], members.base[b])
    return tables.innerMerge(
      typeA: Int(x.type), stateA: Int(x.innerState), typeB: Int(y.type), stateB: Int(y.innerState), view: view,
      mergedType: 5 * Int(x.childType) + Int(y.childType))
  }
}
