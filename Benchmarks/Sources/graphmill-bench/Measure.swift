import Glibc
import Graphmill

/// `RUSAGE_SELF` as the imported function wants it.
private let rusageSelf: __rusage_who_t = 0

/// Seconds of processor time that this process has used, user and system, all threads.
func cpuSeconds() -> Double {
  var usage = rusage()
  getrusage(rusageSelf, &usage)
  let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
  return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micros) * 1e-6
}

/// Seconds of the monotonic clock.
func wallSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The largest resident set of this process so far, in MiB.
func peakMebibytes() -> Int {
  var usage = rusage()
  getrusage(rusageSelf, &usage)
  return usage.ru_maxrss / 1024
}

/// Runs `body` a number of times and prints one JSON line: the run with the least processor time, and what `body`
/// counted in its last run.
func measure(_ stage: String, repeats: Int, _ body: () throws -> [String: JSONValue]) throws {
  var best = (cpu: Double.infinity, wall: Double.infinity)
  var counts: [String: JSONValue] = [:]
  for _ in 0..<repeats {
    let cpu = cpuSeconds()
    let wall = wallSeconds()
    counts = try body()
    let run = (cpu: cpuSeconds() - cpu, wall: wallSeconds() - wall)
    if run.cpu < best.cpu { best = run }
  }
  counts["stage"] = .string(stage)
  counts["cpu"] = .number(best.cpu)
  counts["wall"] = .number(best.wall)
  counts["peak_mib"] = .integer(peakMebibytes())
  print(JSONValue.object(counts).text())
}
