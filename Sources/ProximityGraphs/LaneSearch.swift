import CMillKernels
import VectorStore

/// What a search in a lane is to do.
@safe struct LaneGoal {
  /// The object to look for.
  var query: UnsafeRawPointer
  /// Levels above this one are searched with a beam of 1.
  var level = 0
  /// Beam width of this level and those below.
  var ef: Int
  /// The node at which the search of level 0 may end.
  var target = LinkStore.none
}

/// A search that takes turns with others.
@safe private struct Lane {
  var beam: UnsafeMutablePointer<Beam>
  var item: Int
  var at: Int
  var goal: LaneGoal
}

extension GraphView {
  /// Searches that one thread runs in turns.
  static let lanes = 2

  /// The contexts of one worker.
  static func lanes(of worker: Int, in contexts: [SearchContext]) -> ArraySlice<SearchContext> {
    contexts[worker * lanes..<(worker + 1) * lanes]
  }

  /// Searches for many objects, a few at a time in turns: while one waits for its rows, the others compute. Each search
  /// takes the same steps as alone.
  ///
  /// - Parameters:
  ///   - items: Searches to run; started in order.
  ///   - contexts: One for every search under way.
  ///   - entry: The node that the descent starts from, on level `top`.
  ///   - start: The goal of an item, which may lie in its context; called once before its search.
  ///   - finish: Called after every level from the goal's down to 0, with the length of the pool. What it leaves in the
  ///     pool is where the next level starts from.
  func searchTogether(
    _ items: Range<Int>, entry: UInt32, top: Int, _ contexts: ArraySlice<SearchContext>,
    start: (_ item: Int, SearchContext) -> LaneGoal,
    finish: (_ item: Int, _ level: Int, _ count: Int, SearchContext) -> Void
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Lane.self, capacity: contexts.count) { lanes in
      let lanes = lanes.baseAddress!
      var next = items.lowerBound
      var active = 0
      /// Puts the next item into a lane whose first rows are then on their way; false when there is none.
      func launch(_ lane: Int) -> Bool {
        while next < items.upperBound {
          let item = next
          next += 1
          let context = contexts[contexts.startIndex + lane]
          let goal = start(item, context)
          let count = unsafe self.start(goal.query, at: entry, context)
          unsafe (lanes + lane).initialize(to: Lane(beam: context.beam, item: item, at: top, goal: goal))
          unsafe open(lanes + lane, count, context)
          if advance(lane) { return true }
        }
        return false
      }
      func open(_ lane: UnsafeMutablePointer<Lane>, _ count: Int, _ context: SearchContext) {
        let goal = unsafe lane.pointee.goal
        let level = unsafe lane.pointee.at
        unsafe begin(
          goal.query, entries: count, ef: level > goal.level ? 1 : goal.ef, level: level,
          until: level == 0 ? goal.target : LinkStore.none, context)
      }
      /// Goes on to the next expansion, through the end of levels; false at the end of the search.
      func advance(_ lane: Int) -> Bool {
        while unsafe !lanes[lane].beam.gather(over: self.lists(lanes[lane].at)) {
          let context = contexts[contexts.startIndex + lane]
          let count = context.end()
          let level = unsafe lanes[lane].at
          if unsafe level <= lanes[lane].goal.level { unsafe finish(lanes[lane].item, level, count, context) }
          if level == 0 { return false }
          unsafe lanes[lane].at = level - 1
          unsafe open(lanes + lane, count, context)
        }
        unsafe points.prefetch(lanes[lane].beam.pointee.ids, lanes[lane].beam.pointee.width)
        return true
      }
      while active < contexts.count, launch(active) { active += 1 }
      while active > 0 {
        var lane = 0
        while lane < active {
          unsafe lanes[lane].beam.absorb(points, over: self.lists(lanes[lane].at))
          if advance(lane) || launch(lane) {
            lane += 1
          } else {
            return drain(lane)
          }
        }
      }
      /// No items are left: the other lanes end one by one.
      func drain(_ ended: Int) {
        for lane in 0..<active where lane != ended {
          repeat { unsafe lanes[lane].beam.absorb(points, over: self.lists(lanes[lane].at)) } while advance(lane)
        }
      }
    }
  }
}
