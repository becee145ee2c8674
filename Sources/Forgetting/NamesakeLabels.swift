/// Labels of a gallery that are not the one that was asked for, and may be the same person.
public enum NamesakeLabels {
  private static let shown = 5

  /// Of "ann": "team/ann", "Ann", "ann old"; of "team/ann" also "ann". A gallery gives them as they are enrolled, by the
  /// folders of whoever enrolled. They are somebody else's as easily, so that nothing of them is taken.
  ///
  /// - Returns: in words, why a person has to look; nil: there are none.
  public static func reason(_ label: String, among labels: [String]) -> String? {
    reason(PersonName(label), among: labels)
  }

  static func reason(_ name: PersonName, among labels: [String]) -> String? {
    var found: [String] = []
    for label in labels where label != name.label && name.isNamed(in: label) && !found.contains(label) {
      found.append(label)
    }
    guard !found.isEmpty else { return nil }
    let words = found.prefix(shown).map { "\"\($0)\"" }.joined(separator: ", ")
    let more = found.count > shown ? " and \(found.count - shown) more" : ""
    return "has \(words)\(more), who may be them: forget takes each by its own label"
  }
}
