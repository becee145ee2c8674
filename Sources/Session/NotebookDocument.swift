/// A saved session: text and cells in the percent format that Jupytext, VS Code and Spyder read.
///
///     # ---
///     # twinbook: 0.1.0
///     # format: 1
///     # seed: 42
///     # numerics: 1
///     # ---
///
///     # %% Add
///     1 + 1
///     #> 2
public struct NotebookDocument: Sendable, Equatable {
  public struct Header: Sendable, Equatable {
    /// The version of Twinbook that wrote it.
    public var version: String?
    public var seed: UInt64?
    /// The version of the numerics contract that results keep: where it is the same, they are the same bits. (Older files
    /// have a fingerprint of the writer's processor here.)
    public var numerics: String?
    /// How far numbers may differ, relative to their size, where the numerics differ. Default 0.01.
    public var tolerance: Double?
    /// Lines that are somebody else's (Jupytext's kernelspec), as they stood.
    public var others: [String] = []

    /// Whether a text says which numerics results keep: a version, or the eight hexadecimal digits and the name of
    /// kernels that older files have. Anything else would loosen the comparison without a word.
    public static func isNumerics(_ text: String) -> Bool {
      if let version = Int(text) { return version >= 0 }
      let parts = text.split(separator: "-", maxSplits: 1)
      return parts.count == 2 && parts[0].count == 8 && parts[0].allSatisfy(\.isHexDigit)
    }

    public init(
      version: String? = nil, seed: UInt64? = nil, numerics: String? = nil, tolerance: Double? = nil,
      others: [String] = []
    ) {
      self.version = version
      self.seed = seed
      self.numerics = numerics
      self.tolerance = tolerance
      self.others = others
    }
  }

  public enum CellKind: Sendable, Equatable {
    case code
    /// Text for people; `source` is without its `# `.
    case markdown
    /// A cell that failed when it was tried; `source` is without its `# `, and it is never run.
    case failed

    /// Whether it has a number: a failed cell keeps the one that it had, so that `_3` stays the value of cell 3.
    public var isNumbered: Bool { self != .markdown }
  }

  public struct Cell: Sendable, Equatable {
    public var kind: CellKind
    public var title: String
    /// May end in an error, which is then its result.
    public var allowsFailure: Bool
    /// Its training was paused with Ctrl-C after so many batches, and has to be again for what follows to be the same.
    public var pauseAfter: Int?
    /// Its result differs from run to run (a time): it is run, and not compared.
    public var varies = false
    /// What was typed when it asked with `input()`, in order; a replay answers so.
    public var answers: [String] = []
    /// What stood behind the title on the cell's marker, as it was: `tags=["slow"]`, `{"id": 1}`.
    public var metadata = ""
    /// How many more `%` the marker has: Jupytext's cells below cells.
    public var depth = 0
    /// A markdown cell in three quotes rather than in comments.
    public var isQuoted = false
    /// A markdown cell that is none: `[raw]`, which a notebook keeps for other programs and nobody runs or shapes.
    public var isRaw = false
    public var source: String
    /// What stood in `#> ` lines; nil where there were none.
    public var result: String?
    /// The line of the file on which `source` begins, from 1.
    public var firstLine: Int
    /// Begins with a marker: it is one of a session's, and no plain script.
    public var isMarked = true
    /// Which of the result's lines are figures and values, and their pictures; where nothing is known of them, empty.
    public var parts: [ResultPart] = []
    /// Warnings that it gave: no results, and in the percent format left out; notebooks hold them.
    public var warnings: [String] = []
    /// What a notebook shows of it beside the text; empty for other formats.
    public var shown: Set<ShownForm> = []

    public init(
      kind: CellKind = .code, title: String = "", allowsFailure: Bool = false, pauseAfter: Int? = nil, source: String,
      result: String? = nil,
      firstLine: Int = 1
    ) {
      self.kind = kind
      self.title = title
      self.allowsFailure = allowsFailure
      self.pauseAfter = pauseAfter
      self.source = source
      self.result = result
      self.firstLine = firstLine
    }
  }

  public var header: Header
  /// The text that it was read from, where that is laid out otherwise than `text` does it (by hand, say).
  public var layout: String?
  /// `#!/usr/bin/env twinbook`, kept as it was.
  public var interpreterLine: String?
  public var cells: [Cell]

  public init(header: Header = Header(), interpreterLine: String? = nil, cells: [Cell] = []) {
    self.header = header
    self.interpreterLine = interpreterLine
    self.cells = cells
  }

  /// The newest layout of the file that this version understands.
  public static let newestFormat = 1
}
