/// Dates as people and JSON write them (ISO 8601), in UTC, as seconds since 1970. The years are 1970 to 9999.
public enum CalendarDate {
  /// The beginning of "2027-01-01", or the moment "2027-01-01T12:30:00Z"; nil: this is no date.
  public static func seconds(_ text: String) -> Double? {
    let letters = Array(text.utf8)
    guard letters.count == 10 || letters.count == 17 || letters.count == 20 else { return nil }
    func number(_ start: Int, _ count: Int) -> Int? {
      var value = 0
      for letter in letters[start..<start + count] {
        guard (0x30...0x39).contains(letter) else { return nil }
        value = value * 10 + Int(letter) - 0x30
      }
      return value
    }
    func has(_ letter: Character, at place: Int) -> Bool { letters[place] == letter.asciiValue }
    guard has("-", at: 4), has("-", at: 7), let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
      (1970...9999).contains(year), (1...12).contains(month), (1...length(year, month)).contains(day)
    else { return nil }
    var seconds = 86_400 * days(year, month, day)
    guard letters.count > 10 else { return Double(seconds) }
    guard has("T", at: 10), has(":", at: 13), has("Z", at: letters.count - 1), let hour = number(11, 2),
      let minute = number(14, 2), hour < 24, minute < 60
    else { return nil }
    seconds += 3600 * hour + 60 * minute
    guard letters.count > 17 else { return Double(seconds) }
    guard has(":", at: 16), let second = number(17, 2), second < 60 else { return nil }
    return Double(seconds + second)
  }

  /// "2027-01-01", or "2027-01-01T12:30:00Z" where it is not the beginning of a day.
  public static func text(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds.isFinite ? seconds : 0, 253_402_300_799)).rounded(.down))
    let (day, rest) = whole.quotientAndRemainder(dividingBy: 86_400)
    func padded(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let (year, month, date) = civil(day)
    let text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(date, 2))"
    guard rest > 0 else { return text }
    return text + "T\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
  }

  /// The day alone.
  public static func day(_ seconds: Double) -> String { String(text(seconds).prefix(10)) }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func length(_ year: Int, _ month: Int) -> Int {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Days since 1970-01-01: whole years, whole months, days.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let before = year - 1
    let years = 365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - 477
    return years + (1..<month).reduce(0) { $0 + length(year, $1) } + day - 1
  }

  private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
    // Never more than a year too early.
    var year = 1970 + day / 366
    while days(year + 1, 1, 1) <= day { year += 1 }
    var rest = day - days(year, 1, 1)
    var month = 1
    while rest >= length(year, month) {
      rest -= length(year, month)
      month += 1
    }
    return (year, month, rest + 1)
  }
}
