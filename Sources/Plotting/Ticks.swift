import Foundation

/// Places on an axis with the words that stand there: round numbers, with as many digits as tell them apart.
struct Ticks: Hashable, Sendable {
  var values: [Double] = []
  var labels: [String] = []
  /// Places between them that get a mark, but no words.
  var minor: [Double] = []
  /// Was taken off every label, because they would differ only in their last digits; it stands in the axis's name.
  var offset: String?

  /// More characters than this hide what differs between two labels.
  private static let longest = 10

  /// - Parameters:
  ///   - count: about how many are wanted.
  ///   - whole: what is counted, as epochs: nothing stands between two whole numbers.
  static func linear(_ range: ClosedRange<Double>, about count: Int, whole: Bool = false) -> Ticks {
    let (low, high) = (range.lowerBound, range.upperBound)
    guard let step = Step(near: (high / 2 - low / 2) / Double(max(1, count)) * 2, whole: whole) else {
      return Ticks(values: [low, high], labels: [Words.number(low), Words.number(high)])
    }
    // A hair's breadth, so that rounding does not lose the ends.
    let first = (low / step.size - 1e-6).rounded(.up)
    let last = (high / step.size + 1e-6).rounded(.down)
    guard first <= last, last - first < 1000, max(abs(first), abs(last)) < 9e15 else {
      return Ticks(values: [low, high], labels: [Words.number(low), Words.number(high)])
    }
    let indexes = Array(Int(first)...Int(last))
    var ticks = Ticks(values: indexes.map(step.value))
    ticks.labels = labels(ticks.values, indexes, step)
    if Set(ticks.labels).count < indexes.count || (ticks.labels.map(\.count).max() ?? 0) > longest {
      // Only the distance to the first is written at each.
      let base = indexes[0]
      ticks.offset = step.text(base)
      ticks.labels = labels(indexes.map { step.value($0 - base) }, indexes.map { $0 - base }, step)
    }
    return ticks
  }

  private static func labels(_ values: [Double], _ indexes: [Int], _ step: Step) -> [String] {
    let greatest = values.lazy.map(abs).max() ?? 0
    let isHuge = greatest >= 1e6 && step.exponent >= 4
    let isTiny = greatest < 1e-3 && greatest > 0
    // Like 2e9, 2.5e9: three or four digits tell them apart.
    if isHuge || isTiny, greatest / step.size < 1e4 { return values.map { $0 == 0 ? "0" : scientific($0) } }
    return indexes.map(step.text)
  }

  /// Powers of ten, with 2 and 5 between them where there are few.
  static func logarithmic(_ range: ClosedRange<Double>, about count: Int) -> Ticks {
    guard range.lowerBound > 0, range.upperBound.isFinite else { return Ticks() }
    let (low, high) = (range.lowerBound * (1 - 1e-9), range.upperBound * (1 + 1e-9))
    let first = Int(log10(low).rounded(.down))
    let last = Int(log10(high).rounded(.up))
    var ticks = Ticks()
    let decades = (first...max(first, last)).count { (low...high).contains(pow(10, Double($0))) }
    let factors: [Double] = decades >= 3 ? [1] : decades >= 2 ? [1, 3] : [1, 2, 3, 4, 5, 6, 8]
    let stride = max(1, (decades + max(1, count) - 1) / max(1, count))
    for exponent in first...max(first, last) {
      let power = pow(10, Double(exponent))
      for factor in 1...9 {
        // 3 × 10⁻² is written as a decimal number, so that it has no digits of its own.
        let place = decimal(Double(factor), exponent) ?? Double(factor) * power
        guard place >= low, place <= high, place.isFinite, place > 0 else { continue }
        if factors.contains(Double(factor)), stride == 1 || (factor == 1 && exponent % stride == 0) {
          ticks.values.append(place)
          ticks.labels.append(Words.number(place))
        } else if stride == 1, decades <= 7 {
          ticks.minor.append(place)
        }
      }
    }
    // 1e9 above 1000000 is one thing written in two ways.
    if ticks.labels.contains(where: { $0.contains("e") }) {
      ticks.labels = zip(ticks.values, ticks.labels).map { $0 >= 1e5 ? scientific($0) : $1 }
    }
    if ticks.values.isEmpty {
      ticks.values = [range.lowerBound, range.upperBound]
      ticks.labels = ticks.values.map { Words.number($0) }
    }
    return ticks
  }

  private static func decimal(_ mantissa: Double, _ exponent: Int) -> Double? { Double("\(mantissa)e\(exponent)") }

  /// "2.5e9".
  private static func scientific(_ value: Double) -> String {
    let exponent = Int(log10(abs(value)).rounded(.down))
    for exponent in [exponent, exponent + 1] {
      guard let mantissa = Double("\(value)e\(-exponent)") ?? dividing(value, exponent), abs(mantissa) < 9.9999 else {
        continue
      }
      return Words.fixed(mantissa, 4) + "e\(exponent)"
    }
    return Words.number(value)
  }

  private static func dividing(_ value: Double, _ exponent: Int) -> Double? {
    let power = pow(10, Double(exponent))
    return power > 0 && power.isFinite ? value / power : nil
  }
}

/// A round distance between ticks: 1, 2 or 5 times a power of ten.
struct Step: Hashable, Sendable {
  let mantissa: Int
  let exponent: Int

  /// nil where no number is round and near enough: at the very ends of what a double holds.
  init?(near wanted: Double, whole: Bool) {
    guard wanted > 1e-290, wanted < 1e299 else { return nil }
    var exponent = Int(log10(wanted).rounded(.down))
    let part = wanted / pow(10, Double(exponent))
    var mantissa = part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10
    if mantissa == 10 { (mantissa, exponent) = (1, exponent + 1) }
    if whole, exponent < 0 { (mantissa, exponent) = (1, 0) }
    self.mantissa = mantissa
    self.exponent = exponent
  }

  var size: Double { Double("\(mantissa)e\(exponent)") ?? Double(mantissa) * pow(10, Double(exponent)) }

  /// The number nearest to what `text` says.
  func value(_ index: Int) -> Double {
    let (digits, over) = index.multipliedReportingOverflow(by: mantissa)
    return over ? Double(index) * size : Double("\(digits)e\(exponent)") ?? Double(index) * size
  }

  /// All its digits, as many after the point at every index.
  func text(_ index: Int) -> String {
    let (digits, over) = index.multipliedReportingOverflow(by: mantissa)
    if digits == 0 { return "0" }
    if over { return Words.number(value(index)) }
    if exponent >= 0 {
      return exponent > 18 ? Words.number(value(index)) : "\(digits)" + String(repeating: "0", count: exponent)
    }
    let places = -exponent
    if places > 18 { return Words.number(value(index)) }
    var text = String(digits.magnitude)
    if text.count <= places { text = String(repeating: "0", count: places - text.count + 1) + text }
    let point = text.index(text.endIndex, offsetBy: -places)
    return (digits < 0 ? "-" : "") + text[..<point] + "." + text[point...]
  }
}
