import Testing

@testable import TerminalREPL

/// Values that are wider than the window, as the session shows them.
struct FoldedValueTests {
  @Test(arguments: [20, 33, 80]) func noNumberIsCut(columns: Int) {
    let value = "tensor([" + (0..<60).map { "\($0 * 37)" }.joined(separator: ", ") + "])"
    let lines = WrappedText.folded(value, columns: columns).split(separator: "\n")
    #expect(lines.count > 1 && lines.allSatisfy { $0.count <= columns })
    #expect(lines.dropFirst().allSatisfy { $0.prefix { $0 == " " }.count == 8 })
    #expect(lines.map { String($0.drop { $0 == " " }) }.joined(separator: " ") == value)
  }

  @Test func rowsStandUnderTheirFirstNumber() {
    let value = "tensor([[1, 2, 3, 4, 5, 6],\n        [7, 8, 9, 10, 11, 12]])"
    #expect(
      WrappedText.folded(value, columns: 20) == """
        tensor([[1, 2, 3, 4,
                 5, 6],
                [7, 8, 9,
                 10, 11,
                 12]])
        """)
  }

  /// The text of a long row has been broken for 96 columns; a narrower window breaks it in equal lines.
  @Test func rowsAreBrokenAnew() {
    let value = "tensor([[ 1, 22, 33, 44, 55,\n         66,  7],\n        [ 8,  9, 10, 11, 12,\n         13, 14]])"
    #expect(
      WrappedText.folded(value, columns: 21) == """
        tensor([[ 1, 22, 33,
                 44, 55, 66,
                  7],
                [ 8,  9, 10,
                 11, 12, 13,
                 14]])
        """)
  }

  /// What an object says of itself is broken between words, not inside of them.
  @Test func sentencesAreBrokenBetweenWords() {
    let value = "gallery of 3 labels, 12 references\nno threshold: calibrate(dataset, far=0.01) sets one"
    #expect(
      WrappedText.folded(value, columns: 30) == """
        gallery of 3 labels, 12
          references
        no threshold:
          calibrate(dataset, far=0.01)
          sets one
        """)
    #expect(WrappedText.folded(value, columns: 80) == value)
    let drawing = String(repeating: "▇", count: 40) + "\n  1> " + String(repeating: "a ", count: 20)
    #expect(WrappedText.folded(drawing, columns: 30) == drawing)
  }

  /// Pages of help are written for 78 columns.
  @Test func pagesOfHelpAreBrokenBetweenWords() {
    let page = """
      conv(filters, kernel)
      A convolution: each filter looks at every place.

      [batch, channels, height, width] → [batch, filters, height', width'] with the
      height of the image less that of the kernel.

        filters  number of channels that come out of it
        kernel   number

      Example:
        conv(6, 3)
      """
    #expect(WrappedText.page(page, columns: 80) == page)
    #expect(
      WrappedText.page(page, columns: 40) == """
        conv(filters, kernel)
        A convolution: each filter looks at
        every place.

        [batch, channels, height, width] →
        [batch, filters, height', width'] with
        the height of the image less that of the
        kernel.

          filters  number of channels that come
                   out of it
          kernel   number

        Example:
          conv(6, 3)
        """)
  }

  @Test func textsAreNotBroken() {
    let text = "\"one, two, three, four, five, six, seven, eight\""
    #expect(WrappedText.folded(text, columns: 20) == text)
    let list = "[1, \(text), \"a \\\" b, c\", 2]"
    #expect(
      WrappedText.folded(list, columns: 20).split(separator: "\n").map(String.init) == [
        "[1,", " \(text),", " \"a \\\" b, c\", 2]",
      ])
    let table = "layer      output  parameters\n1  dense(3)  ?                ?"
    #expect(WrappedText.folded(table, columns: 20) == table)
    #expect(WrappedText.folded("[1, 2]", columns: 80) == "[1, 2]")
  }
}
