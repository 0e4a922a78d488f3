import MillRuntime
import Synchronization
import Testing

@Suite struct TerminalProgressTests {
  /// The last update of a stage that was counted to `done` of `total`.
  private func update(_ done: Int, of total: Int?, _ unit: ProgressUpdate.Unit) throws -> ProgressUpdate {
    let last = Mutex<ProgressUpdate?>(nil)
    let progress = RunProgress { update in last.withLock { $0 = update } }
    progress.begin("parse", total: total, unit: unit)
    progress.advance(by: done)
    progress.end()
    return try #require(last.withLock { $0 })
  }

  @Test func barLines() throws {
    let half = try update(512 << 10, of: 1 << 20, .bytes)
    let line = TerminalProgress.barLine(half, columns: 100)
    #expect(line.hasPrefix("parse [###############...............] 50% 512 KiB of 1.0 MiB, "))
    #expect(line.contains("/s"))
    #expect(!TerminalProgress.barLine(try update(10, of: nil, .items), columns: 80).contains("%"))
  }

  @Test("A bar never wraps", arguments: [0, 1, 10, 30, 60, 80, 200])
  func width(columns: Int) throws {
    let line = TerminalProgress.barLine(try update(1, of: 3_000_000, .items), columns: columns)
    #expect(line.count < max(1, columns))
  }

  @Test func jsonLines() throws {
    let text = TerminalProgress.jsonLine(try update(3, of: 4, .items))
    #expect(!text.contains("\n"))
    #expect(text.hasPrefix("{\"progress\":{\"done\":3,\"eta\":"))
    #expect(text.contains("\"last\":true") && text.contains("\"stage\":\"parse\"") && text.contains("\"total\":4"))
    #expect(TerminalProgress.jsonLine(try update(3, of: nil, .bytes)).contains("\"total\":null"))
  }

  @Test("What a stage has reached is shown, and forgotten by the next") func notes() throws {
    let updates = Mutex<[ProgressUpdate]>([])
    let progress = RunProgress { update in updates.withLock { $0.append(update) } }
    progress.begin("merge", total: 20, unit: .items)
    progress.note("cost 17")
    progress.end()
    progress.begin("prune", total: 4, unit: .items)
    progress.end()
    let all = updates.withLock { $0 }
    #expect(all.map(\.note) == ["cost 17", ""])
    #expect(TerminalProgress.barLine(all[0], columns: 100).hasSuffix(", cost 17"))
    #expect(TerminalProgress.jsonLine(all[0]).contains("\"note\":\"cost 17\""))
    #expect(!TerminalProgress.jsonLine(all[1]).contains("note"))
  }

  @Test func durations() {
    #expect(TerminalProgress.duration(0.2) == "1 s")
    #expect(TerminalProgress.duration(185) == "3 min 05 s")
    #expect(TerminalProgress.duration(7800) == "2 h 10 min")
    #expect(TerminalProgress.duration(.infinity) == "a long time")
  }

  @Test func modes() {
    let display = TerminalProgress(descriptor: -1)
    #expect(display.progress(.never) == nil)
    #expect(display.progress(.automatic) == nil)
    #expect(display.progress(.always) != nil)
    #expect(display.progress(.json) != nil)
  }
}
