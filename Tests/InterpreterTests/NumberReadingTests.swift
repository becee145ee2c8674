import Testing

@testable import CoreLibrary

/// The usual numbers are read by their digits: the same bits as by Swift's own reader.
struct NumberReadingTests {
  private func plain(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { CoreLibrary.plainNumber($0) }
  }

  @Test func readsTheSameBits() throws {
    var read = 0
    for _ in 0..<20_000 {
      let digits = String((0..<Int.random(in: 0..<17)).map { _ in Character("\(Int.random(in: 0..<10))") })
      let point = Int.random(in: 0...digits.count)
      let sign = ["", "-", "+"].randomElement() ?? ""
      let text = sign + (Bool.random() ? digits.prefix(point) + "." + digits.dropFirst(point) : digits[...])
      guard let number = plain(text) else {
        #expect(digits.isEmpty || text.utf8.count > 17 || digits.count > 15, "\(text)")
        continue
      }
      read += 1
      #expect(number.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
    #expect(read > 10_000)
  }

  /// The strict reader gives Swift's bits for whatever it takes, and says whether the text is whole.
  @Test func strictTextsHaveTheSameBits() throws {
    func digits(_ most: Int) -> String {
      String((0..<Int.random(in: 0...most)).map { _ in "0012345678900".randomElement() ?? "0" })
    }
    for _ in 0..<20_000 {
      let whole = digits(20)
      let fraction = Bool.random() ? digits(20) : nil
      let sign = ["", "-", "+"].randomElement() ?? ""
      let exponent = Bool.random() ? "e\(Int.random(in: -30...30))" : ""
      let text = sign + whole + (fraction.map { "." + $0 } ?? "") + exponent
      let number = DecimalText(text)
      #expect((number == nil) == (whole + (fraction ?? "")).isEmpty, "\(text)")
      guard let number else { continue }
      // With a digit on either side of the point, which every reader takes.
      let plain = sign + "0" + whole + "." + (fraction ?? "") + "0" + exponent
      #expect(number.value.bitPattern == Double(plain)?.bitPattern, "\(text)")
      if number.isWhole { #expect(number.value == number.value.rounded(), "\(text)") }
    }
    #expect(DecimalText("1_0", allowsUnderscores: false) == nil && DecimalText("1_0")?.value == 10)
  }

  @Test(arguments: ["", "-", "+", ".", "-.", "1.2.3", "--1", "1-", " 1", "1 ", "1e5", "inf", "nan", "0x1", "1_000"])
  func leavesTheRestToOthers(_ text: String) { #expect(plain(text) == nil) }
}
