import Syntax
import Testing

@testable import Session

struct KeywordPageTests {
  /// `?for`, as `help("for")`.
  @Test(arguments: Keyword.allCases) func wordsOfTheLanguageAreExplained(_ word: Keyword) throws {
    #expect(try Desk().session.inspect(word.rawValue) == word.page)
  }
}
