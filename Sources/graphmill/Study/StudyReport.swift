import Glibc
import MillRuntime
import Reporting

/// The report of a study: sections of one or several subjects as a page, and their figures as JSON beside it.
struct StudyReport {
  let run: CommandRun
  /// Where the report goes.
  let folder: String
  /// Whether what differs from run to run (date, machine, times) is left out.
  var isUndated = false
  /// Whether a first look is enough.
  var isQuick = false
  /// The folder below ``folder`` where a subject's files go.
  var fileFolder: (StudySubject) -> String = { _ in "files" }

  var page: String { folder + "/report.html" }
  private var data: String { folder + "/report.json" }

  /// Where a report in a folder leaves the record of its run.
  static func manifest(in folder: String) -> String { folder + "/report.manifest.json" }

  /// Refuses a folder whose report no earlier run made, before any work.
  func refuseForeign() throws(MillError) {
    guard !run.global.force, unsafe access(page, F_OK) == 0,
      unsafe access(Self.manifest(in: folder), F_OK) != 0
    else { return }
    throw MillError(
      .cannotCreate, "the file exists, and no earlier run made it", file: page, hint: "--force replaces it")
  }

  /// Runs the sections and writes everything.
  ///
  /// - Parameters:
  ///   - title: The page's heading.
  ///   - introduction: What is looked at.
  ///   - isNested: Whether the figures of each section stand under the names of the subjects.
  func write(
    title: String, introduction: String, of subjects: [StudySubject], sections: [any StudySection], isNested: Bool
  ) throws -> Outcome {
    let benches = subjects.map {
      Workbench($0, folder: folder + "/" + fileFolder($0), isQuick: isQuick, run: run)
    }
    var page = ReportPage(title: title, introduction: introduction)
    page.keyNumbers = keyNumbers(subjects, isNested)
    var keys: [String: JSONValue] = ["report": .string(self.page)]
    var lines: [String] = []
    var times: [(title: String, seconds: Double)] = []
    for section in sections {
      let begin = monotonicSeconds()
      var parts: [(subject: StudySubject, part: StudyPart)] = []
      for bench in benches where bench.subject.sections?.contains(section.key) ?? true {
        if let part = try section.make(bench) { parts.append((bench.subject, part)) }
      }
      guard !parts.isEmpty else { continue }
      page.sections.append(Self.section(section, parts))
      keys[section.key] =
        isNested
        ? .object(Dictionary(parts.map { ($0.subject.name, .object($0.part.json)) }) { $1 })
        : .object(parts[0].part.json)
      lines += parts.map { isNested ? "\($0.subject.name): \($0.part.finding)" : $0.part.finding }
      times.append((section.title, monotonicSeconds() - begin))
    }
    page.details = facts
    // The file says where the page is as seen from itself: the folder's name is no result.
    var saved = keys.merging(["report": "report.html"]) { $1 }
    if !isUndated { addRun(times, to: &page, &saved) }
    try write(page.html, saved, files: benches.flatMap(\.files))
    return Outcome(keys: keys, summary: lines + ["report: \(self.page)"])
  }

  private func write(_ html: String, _ keys: [String: JSONValue], files: [String]) throws {
    try WholeFile.createFolder(folder)
    for (path, text) in [(page, html), (data, JSONValue.object(keys).text(pretty: true) + "\n")] {
      let file = try OutputFile(path, replaces: true)
      try run.stage("write") {
        try file.write(text)
        try file.commit()
      }
      run.recordOutput(.init(path: path, format: pathEnding(path), holdsTimes: !isUndated))
    }
    for path in files where !run.record.hasOutput(path) {
      run.recordOutput(.init(path: path, format: pathEnding(path)))
    }
  }

  private func keyNumbers(_ subjects: [StudySubject], _ isNested: Bool) -> [KeyNumber] {
    subjects.filter { $0.sections == nil }.flatMap { subject in
      let name = isNested ? ", \(subject.name)" : ""
      return [
        KeyNumber(subject.graph.nodeCount, "nodes\(name)"), KeyNumber(subject.graph.edgeCount, "edges\(name)"),
      ]
    }
  }

  /// One section of the page: what was found in one subject, or in each of several under its heading.
  private static func section(
    _ section: any StudySection, _ parts: [(subject: StudySubject, part: StudyPart)]
  ) -> ReportSection {
    var whole = ReportSection(id: section.key, title: section.title, explanation: section.explanation)
    guard parts.count > 1 else {
      whole.summary = parts[0].part.finding
      whole.blocks = parts[0].part.blocks
      return whole
    }
    whole.summary = parts.map { "\($0.subject.title): \($0.part.finding)" }.joined(separator: " ")
    for (subject, part) in parts { whole.blocks += [.heading(subject.title), .finding(part.finding)] + part.blocks }
    return whole
  }

  /// What is the same whenever the report is made.
  private var facts: [KeyNumber] {
    [
      KeyNumber("\(BuildInfo.version), \(BuildInfo.revision), \(BuildInfo.configuration)", "Graphmill"),
      KeyNumber(String(run.settings.seed), "seed"),
    ]
  }

  /// Adds what differs from run to run, which stands apart on the page and in the JSON.
  private func addRun(
    _ times: [(title: String, seconds: Double)], to page: inout ReportPage, _ keys: inout [String: JSONValue]
  ) {
    let now = RunManifest.timestamp()
    func text(_ seconds: Double) -> String { NumberText.fixed(seconds, decimals: 2) + " s" }
    page.dateline = "\(now.prefix(10)) · \(Machine.description)"
    page.run =
      [
        KeyNumber("graphmill " + CommandLine.arguments.dropFirst().joined(separator: " "), "command"),
        KeyNumber(now, "made"), KeyNumber(Machine.description, "machine"),
        KeyNumber(String(run.settings.threads), "threads"),
      ] + times.map { KeyNumber(text($0.seconds), "time: " + $0.title) }
    keys["run"] = [
      "made": .string(now), "machine": .string(Machine.description), "threads": .integer(run.settings.threads),
      "seconds": .object(Dictionary(times.map { ($0.title, .number($0.seconds)) }) { $1 }),
    ]
  }
}
