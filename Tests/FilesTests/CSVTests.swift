import Files
import Testing

@Suite struct CSVTests {
  @Test func csvIsAsRFC4180() {
    #expect(
      CSV.record(["a", "b,c", "say \"hi\"", "two\nlines", ""]) == "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n")
    #expect(CSV.record(["=1+1", "+2", "-3", "@x", "\tt", "a=b"]) == "'=1+1,'+2,'-3,'@x,'\tt,a=b\r\n")
    for text in ["=1", "plain", "'quoted", "-", "", "\rx", "'=1", "''-", "'"] {
      #expect(CSV.plain(CSV.records(CSV.record([text, "x"]))[0].cells[0]) == text)
    }
    let records = CSV.records("\u{FEFF}a,b\r\n\"x\ny\",\"\"\"\"\n\n\"\",z\r1")
    #expect(records.map(\.cells) == [["a", "b"], ["x\ny", "\""], ["", "z"], ["1"]])
    #expect(records.map(\.line) == [1, 2, 5, 6])
    #expect(records.map(\.isWhole) == [true, true, true, false])
  }

  /// Of some lines nothing is changed but that others go.
  @Test func piecesAreTheTextAgain() {
    let text = "a,b\r\n\"x\ny\",\"\"\"\"\n\n'=1,-3.5\r\n1"
    let pieces = CSV.pieces(text)
    #expect(pieces.map(\.record) == CSV.records(text))
    #expect(pieces.map(\.text) == ["a,b\r\n", "\"x\ny\",\"\"\"\"\n", "'=1,-3.5\r\n", "1"])
  }

  /// What is written is read as it was, whatever it is.
  @Test func csvGoesThereAndBack() {
    var state: UInt64 = 1
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return Int(state >> 33) % count
    }
    let letters = Array("ab,\"\n\r''=+ é名-@\t")
    for _ in 0..<500 {
      let cells = (0...random(4)).map { _ in String((0..<random(8)).map { _ in letters[random(letters.count)] }) }
      let read = CSV.records(CSV.record(cells + ["end"]))
      #expect(read.count == 1)
      #expect(read.first?.cells.map(CSV.plain) == cells + ["end"])
    }
  }
}
