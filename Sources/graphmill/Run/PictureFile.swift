import Glibc
import MillRuntime

/// Pictures for programs that want pixels, made by what the machine has.
enum PictureFile {
  /// The bytes of a PNG of a drawing.
  ///
  /// - Throws: `MillError`: `unsupported` where no program is there that makes one, `input-output`.
  static func png(ofSVG svg: String) throws(MillError) -> [UInt8] {
    // Programs tell by the ending what it is.
    let source = try TemporaryFile.make(ending: "svg")
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
}
