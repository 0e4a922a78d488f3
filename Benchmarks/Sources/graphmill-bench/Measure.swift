import Glibc
import Graphmill

/// Seconds of the monotonic clock.
func wallSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Runs `body` a number of times and prints one JSON line: the run with the least processor time, and what `body`
/// counted in its last run.
func measure(_ stage: String, repeats: Int, _ body: () throws -> [String: JSONValue]) throws {
  var best = (cpu: Double.infinity, wall: Double.infinity)
  var counts: [String: JSONValue] = [:]
  for _ in 0..<repeats {
    let cpu = ResourceUsage.current().cpuSeconds
    let wall = wallSeconds()
    counts = try body()
    let run = (cpu: ResourceUsage.current().cpuSeconds - cpu, wall: wallSeconds() - wall)
    if run.cpu < best.cpu { best = run }
  }
  counts["stage"] = .string(stage)
  counts["cpu"] = .number(best.cpu)
  counts["wall"] = .number(best.wall)
  counts["peak_mib"] = .integer(ResourceUsage.current().peakBytes >> 20)
  print(JSONValue.object(counts).text())
}

/// Runs `body` for each of some forms in turn, a number of times, and prints one JSON line: the median of the processor
/// seconds of each, and the count that all came to.
func measureInTurn(
  _ stage: String, repeats: Int, _ forms: [String], _ body: (_ form: String) throws -> Int
) throws {
  var seconds = [[Double]](repeating: [], count: forms.count)
  var counts: Set<Int> = []
  for _ in 0..<repeats {
    for (i, form) in forms.enumerated() {
      let cpu = ResourceUsage.current().cpuSeconds
      counts.insert(try body(form))
      seconds[i].append(ResourceUsage.current().cpuSeconds - cpu)
    }
  }
  var line: [String: JSONValue] = ["stage": .string(stage), "counts": .array(counts.sorted().map { .integer($0) })]
  for (form, runs) in zip(forms, seconds) { line[form] = .number(runs.sorted()[repeats / 2]) }
  print(JSONValue.object(line).text())
}
