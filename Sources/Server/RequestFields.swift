/// What a request says by names: in its address, or in its form.
struct RequestFields {
  private let address: [String: String]
  private let upload: Upload?

  /// - Parameter upload: nil: all of it stands in the address.
  init(_ head: HTTPHead, _ upload: Upload? = nil) { (address, self.upload) = (head.query, upload) }

  /// - Throws: where the address and the form say two things: neither is more meant than the other.
  func text(_ name: String) throws(RequestProblem) -> String? {
    let (first, second) = (address[name], try upload?.text(name))
    if let first, let second, !first.utf8.elementsEqual(second.utf8) {
      throw .malformed("its address and its form differ in \(name.prefix(40))", remedy: "give each name once")
    }
    return first ?? second
  }

  func number(_ name: String, _ range: ClosedRange<Int>, default fallback: Int) throws(RequestProblem) -> Int {
    guard let text = try text(name), !text.isEmpty else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw RequestProblem(
        400, "bad-number", "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)",
        remedy: "\(name)=\(max(range.lowerBound, min(fallback, range.upperBound))), say, or leave it out")
    }
    return number
  }

  /// A choice that 1 makes, and 0 does not. Named without a value it may mean either: "?whole" is asked back.
  func isChosen(_ name: String) throws(RequestProblem) -> Bool {
    switch try text(name) {
    case nil, "0": return false
    case "1": return true
    default:
      throw RequestProblem(
        400, "bad-number", "\(name) is 0 or 1", remedy: "\(name)=1 chooses it; leave it out where you do not")
    }
  }
}
