import Testing

@testable import Session

/// A newline of Windows is one newline, in whichever order the terminal's modes let its two halves come.
@Suite struct PastedLinesTests {
  @Test(arguments: [
    ("a\rb", "a\nb"), ("a\nb", "a\nb"), ("a\r\nb", "a\nb"), ("a\n\rb", "a\nb"), ("a\n\r\n\rb", "a\n\nb"),
    ("a\r\n\r\nb", "a\n\nb"), ("a\r\rb", "a\n\nb"), ("a\n\nb", "a\n\nb"), ("a\r\n\rb", "a\n\nb"),
    ("a\tb\u{1B}[2J\u{7}\u{7F}", "a\tb[2J"), ("", ""),
  ]) func newlinesStaySingle(pasted: String, text: String) { #expect(PastedLines.text(of: pasted) == text) }
}
