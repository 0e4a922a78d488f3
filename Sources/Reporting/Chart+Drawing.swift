public import MillRuntime

/// The files of a chart that was drawn.
public struct DrawnChart: Sendable, Equatable {
  /// The chart's title.
  public let title: String
  /// The name of the files without their extensions.
  public let stem: String
  /// The picture as gnuplot made it, without its version; nil when gnuplot is not installed.
  public let svg: String?
  /// Whether data and script stand beside the picture.
  let hasScript: Bool
  /// The names of the files that were written, without their folder.
  public var fileNames: [String] {
    (hasScript ? [stem + ".csv", stem + ".gp"] : []) + (svg == nil ? [] : [stem + ".svg"])
  }

  init(title: String, stem: String, svg: String?, hasScript: Bool = true) {
    self.title = title
    self.stem = stem
    self.svg = svg
    self.hasScript = hasScript
  }

  /// Writes a picture that this module made by itself (``Dendrogram``, ``AdjacencyBlocks``, ``Treemap``) into a folder.
  ///
  /// - Parameters:
  ///   - svg: The picture.
  ///   - title: Its accessible name.
  ///   - folder: Created when missing.
  ///   - stem: The name of the file without extension.
  /// - Throws: `MillError`: `bad-option` for a stem that is no file name, `cannot-create` or `input-output`.
  public init(svg: String, title: String, into folder: String, stem: String) throws(MillError) {
    guard Chart.isFileStem(stem) else { throw MillError(.badOption, "not a name for a picture's file", field: stem) }
    try WholeFile.createFolder(folder)
    try WholeFile.write(svg, to: folder + "/" + stem + ".svg")
    self.init(title: title, stem: stem, svg: svg, hasScript: false)
  }
}

extension Chart {
  /// Writes the chart's data and script into a folder, and the picture that gnuplot makes of them.
  ///
  /// Without gnuplot there is no picture and no error: the result says so, and data and script are there to be drawn
  /// elsewhere. The same chart and gnuplot version give the same bytes.
  ///
  /// - Parameters:
  ///   - folder: Where the files go; created when missing, files in it are replaced.
  ///   - stem: The name of the files without extension: letters, digits, `-`, `_` and `.`, not first.
  ///   - gnuplot: The program, by name or path.
  /// - Throws: `MillError`: `bad-option` for another stem, `cannot-create` or `input-output` for the files,
  ///   `gnuplot-failed` when gnuplot refuses the script.
  public func draw(into folder: String, stem: String, gnuplot: String = "gnuplot") throws(MillError) -> DrawnChart {
    guard Self.isFileStem(stem) else { throw MillError(.badOption, "not a name for a chart's files", field: stem) }
    try WholeFile.createFolder(folder)
    let picture = folder + "/" + stem + ".svg"
    try WholeFile.write(csv, to: folder + "/" + stem + ".csv")
    try WholeFile.write(script(stem: stem), to: folder + "/" + stem + ".gp")
    let outcome = try ChildProcess.run([gnuplot, "-d", "-e", "cd \(Self.literal(folder))", stem + ".gp"])
    guard let outcome else { return DrawnChart(title: title, stem: stem, svg: nil) }
    guard outcome.status == 0, let file = try? MappedFile(path: picture) else {
      throw MillError(
        MillError.Kind("gnuplot-failed", .internalFault), "gnuplot cannot draw the chart", file: stem + ".gp",
        field: String(decoding: outcome.errors.prefix(400), as: UTF8.self))
    }
    let svg = unsafe Self.withoutVersion(String(decoding: file.bytes, as: UTF8.self), title: title)
    try WholeFile.write(svg, to: picture)
    return DrawnChart(title: title, stem: stem, svg: svg)
  }

  /// Whether a text can name files in the script, the page and every file system.
  static func isFileStem(_ stem: String) -> Bool {
    guard let first = stem.utf8.first, stem.utf8.count <= 100 else { return false }
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
    return isLetterOrDigit(first)
      && stem.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
  }

  /// The picture without the lines that name gnuplot's version, and with the chart's title as its own.
  static func withoutVersion(_ svg: String, title: String) -> String {
    svg.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
      if line.hasPrefix("<desc>Produced by GNUPLOT") { return nil }
      return line == "<title>Gnuplot</title>" ? "<title>\(escapedHTML(title))</title>" : String(line)
    }.joined(separator: "\n")
  }
}
