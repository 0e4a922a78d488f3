import Glibc
import MillRuntime

/// Pictures for programs that want pixels, made by what the machine has.
enum PictureFile {
  /// The bytes of a PNG of a drawing.
  ///
  /// - Throws: `MillError`: `unsupported` where no program is there that makes one, `input-output`.
  static func png(ofSVG svg: String) throws(MillError) -> [UInt8] {
    let source = try temporaryFile()
    defer { unsafe unlink(source) }
    try WholeFile.write(svg, to: source)
    let programs = [
      ["rsvg-convert", "--format=png", source],
      ["inkscape", source, "--export-type=png", "--export-filename=-"],
      ["convert", source, "-strip", "png:-"],
    ]
    for program in programs {
      guard let outcome = try ChildProcess.run(program), outcome.status == 0 else { continue }
      if outcome.output.starts(with: [0x89, 0x50, 0x4e, 0x47]) { return outcome.output }
    }
    throw MillError(
      .unsupported, "no program on this machine makes a PNG of a drawing",
      hint: "install rsvg-convert (librsvg2-bin), or name the file .svg")
  }

  /// A new, empty file that ends as a drawing's name does: programs tell by that what it is.
  private static func temporaryFile() throws(MillError) -> String {
    let folder = environmentValue("TMPDIR") ?? "/tmp"
    var name = Array("\(folder)/graphmill-XXXXXX.svg".utf8CString)
    let descriptor = unsafe mkstemps(&name, 4)
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw MillError(.cannotCreate, "cannot create: \(errorText())", file: path) }
    close(descriptor)
    return path
  }
}
