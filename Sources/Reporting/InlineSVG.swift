/// Pictures of gnuplot, made part of an HTML page.
enum InlineSVG {
  /// The `svg` element of a picture for use inside a page.
  ///
  /// The script's colours become the page's (custom properties, so that they follow light and dark mode), ids get a
  /// prefix of their own, and what only a file needs (XML declaration, name spaces, background) goes.
  ///
  /// - Returns: nil when the text is not a picture as gnuplot writes it: an `svg` element without scripts.
  static func element(_ svg: String, prefix: String, title: String) -> String? {
    guard let start = svg.range(of: "<svg"), let end = svg.range(of: "</svg>", backwards: true), start < end else {
      return nil
    }
    var text = String(svg[start..<svg.index(end, offsetBy: 6)])
    let lower = text.lowercased()
    if ["<script", "<foreignobject", "<image", "javascript:", "<style"].contains(where: lower.contains) { return nil }
    for attribute in ["xmlns:xlink=\"http://www.w3.org/1999/xlink\"", "xmlns=\"http://www.w3.org/2000/svg\""] {
      text.replace(attribute, with: "")
    }
    text.replace("xlink:href=", with: "href=")
    for quote in ["'", "\""] { text.replace("id=\(quote)", with: "id=\(quote)\(prefix)-") }
    for quote in ["'", "\""] { text.replace("href=\(quote)#", with: "href=\(quote)#\(prefix)-") }
    text.replace("url(#", with: "url(#\(prefix)-")
    text.replace(" font-family=\"sans-serif\"", with: "")
    for (colour, property) in properties {
      for form in forms(of: colour) { text.replace(form, with: "var(--\(property))") }
    }
    text.replace("<svg", with: "<svg role=\"img\" aria-label=\"\(escapedHTML(title))\"", maxReplacements: 1)
    return text
  }

  private static var properties: [(String, String)] {
    [(Chart.Colour.ink, "ink"), (Chart.Colour.grid, "rule"), (Chart.Colour.paper, "none")]
      + Chart.Colour.series.enumerated().map { ($1, "series-\($0 + 1)") }
  }

  /// The ways in which gnuplot writes a colour `#rrggbb`.
  private static func forms(of colour: String) -> [String] {
    let value = Int(colour.dropFirst(), radix: 16)!
    let parts = [value >> 16, value >> 8 & 255, value & 255].map(String.init)
    let padded = parts.map { String(repeating: " ", count: 3 - $0.count) + $0 }
    return [
      colour, colour.uppercased(), "rgb(\(parts.joined(separator: ",")))", "rgb(\(padded.joined(separator: ", ")))",
      "rgb(\(padded.joined(separator: ",")))",
    ]
  }
}

extension String {
  /// Where a text first (or last) begins.
  fileprivate func range(of text: String, backwards: Bool = false) -> Index? {
    let ranges = self.ranges(of: text)
    return (backwards ? ranges.last : ranges.first)?.lowerBound
  }
}
