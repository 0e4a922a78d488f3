/// Pictures of this module, made part of an HTML page.
enum InlineSVG {
  /// How the text begins that a picture has as its heading: a page says it beside the picture.
  static let titleMark = "<text class=\"title\""
  /// How high that heading stands.
  private static let titleHeight = 24.0

  /// The `svg` element of a picture for use inside a page.
  ///
  /// The pictures' colors become the page's (custom properties, so that they follow light and dark mode), ids get a
  /// prefix of their own, the drawn heading goes, and so does what only a file needs (XML declaration, name spaces).
  ///
  /// - Returns: nil when the text is no picture, or one that does more than show something.
  static func element(_ svg: String, prefix: String, title: String) -> String? {
    guard let start = svg.firstRange(of: "<svg"), let end = svg.ranges(of: "</svg>").last,
      start.lowerBound < end.lowerBound
    else { return nil }
    var text = String(svg[start.lowerBound..<end.upperBound])
    let lower = text.lowercased()
    if ["<script", "<foreignobject", "<image", "javascript:", "<style"].contains(where: lower.contains) { return nil }
    text.replace(" xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for (mark, own) in [
      (" id=\"", " id=\"\(prefix)-"), ("href=\"#", "href=\"#\(prefix)-"), ("url(#", "url(#\(prefix)-"),
    ] {
      text.replace(mark, with: own)
    }
    text.replace(" font-family=\"sans-serif\"", with: "")
    for (color, property) in properties { text.replace(color, with: "var(--\(property))") }
    removeHeading(&text)
    text.replace("<svg", with: "<svg role=\"img\" aria-label=\"\(escapedHTML(title))\"", maxReplacements: 1)
    return text
  }

  private static var properties: [(String, String)] {
    [(Chart.Color.ink, "ink"), (Chart.Color.grid, "rule"), (Chart.Color.paper, "card")]
      + Chart.Color.series.enumerated().map { ($1, "series-\($0 + 1)") }
  }

  /// Takes away the heading and the room that it stood in.
  private static func removeHeading(_ text: inout String) {
    guard let mark = text.firstRange(of: titleMark), let end = text[mark.upperBound...].firstRange(of: "</text>"),
      let head = text.firstMatch(of: /<svg width="([0-9.]+)" height="([0-9.]+)" viewBox="0 0 [0-9.]+ [0-9.]+"/),
      let height = Double(head.output.2)
    else { return }
    let (width, rest) = (String(head.output.1), SVGText.number(height - titleHeight))
    let headRange = head.range
    text.removeSubrange(mark.lowerBound..<end.upperBound)
    text.replaceSubrange(
      headRange,
      with: "<svg width=\"\(width)\" height=\"\(rest)\" viewBox=\"0 \(SVGText.number(titleHeight)) \(width) \(rest)\"")
  }
}
