/// Steps of the search for groups that an experiment may leave out, to see what each is good for.
package struct SearchSteps: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Leiden's groups at several resolutions; without it at one.
  package static let resolutions = SearchSteps(rawValue: 1 << 0)
  /// Merging groups and moving nodes as long as that shortens the description.
  package static let polish = SearchSteps(rawValue: 1 << 1)
  /// The rules by which one of the descriptions is chosen; without it the shortest is.
  package static let choice = SearchSteps(rawValue: 1 << 2)
  /// Splitting groups again by their own edges.
  package static let splitting = SearchSteps(rawValue: 1 << 3)

  package static let all: SearchSteps = [.resolutions, .polish, .choice, .splitting]
}
