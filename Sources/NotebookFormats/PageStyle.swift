/// How a page looks: in light and dark, narrow and wide, and on paper.
enum PageStyle {
  /// - Parameter version: of the page; an older one is compared with what was drawn then.
  static func text(_ version: Int) -> String { version > 1 ? first + "\n" + second : first }

  /// On paper, code and the beginning of what it gave stand on one sheet.
  private static let second = "@media print { .in, .note { break-after: avoid; } }"

  private static let first = """
    :root { --paper: #fff; --ink: #1d2227; --quiet: #5b6670; --line: #d9dee3; --code: #f6f8fa; --link: #0059a8;
      --k: #8a1aa6; --n: #0b6e4f; --s: #9a3d00; --c: #5d6771; --f: #0059a8; --bad: #b3261e; }
    @media (prefers-color-scheme: dark) { :root { --paper: #14181c; --ink: #e4e8ec; --quiet: #9aa5af; --line: #333b43;
      --code: #1c2228; --link: #7cc0ff; --k: #d9a2ef; --n: #7fd6b4; --s: #f0b27a; --c: #94a0ab; --f: #7cc0ff;
      --bad: #ff8a80; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 56rem; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
    a { color: var(--link); }
    h1, h2, h3, h4 { line-height: 1.25; margin: 1.6em 0 .5em; }
    h1 { font-size: 1.9rem; margin-top: .4em; } h2 { font-size: 1.45rem; } h3 { font-size: 1.2rem; }
    h4 { font-size: 1rem; margin: 1.4em 0 .4em; }
    pre, code { font: 13.5px/1.5 "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace; tab-size: 4; }
    p code, li code, footer code { background: var(--code); padding: .1em .3em; border-radius: 4px; }
    pre { margin: 0; overflow-x: auto; }
    .cell { margin: 1rem 0; }
    .in { position: relative; background: var(--code); border: 1px solid var(--line); border-radius: 6px; }
    .in pre, .text pre { padding: .7rem .9rem; }
    .text pre { background: var(--code); border-radius: 6px; }
    .in pre { padding-right: 2.6rem; }
    .number { position: absolute; right: .6rem; top: .45rem; color: var(--quiet); font-size: 12px; }
    .out { padding: .5rem .9rem 0; }
    .out pre { padding: .1rem 0; }
    .printed { color: var(--quiet); }
    .failure { color: var(--bad); white-space: pre-wrap; }
    .failed .in { border-style: dashed; }
    .note { color: var(--quiet); font-size: .9rem; margin: .2rem 0; }
    figure { margin: .6rem 0; }
    figure img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: 6px; padding: 4px; }
    details { color: var(--quiet); font-size: .85rem; margin-top: .3rem; }
    .pictures { margin: .4rem 0; line-height: 0; }
    .pictures img { image-rendering: pixelated; margin: 0 3px 3px 0; max-width: 100%; height: auto; }
    table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
    blockquote { margin: 1em 0; padding-left: 1em; border-left: 3px solid var(--line); color: var(--quiet); }
    nav { font-size: .9rem; border: 1px solid var(--line); border-radius: 6px; padding: .6rem .9rem; max-height: 40vh;
      overflow-y: auto; }
    nav ul { list-style: none; margin: 0; padding: 0; } nav li { margin: .25rem 0; line-height: 1.35; }
    nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
    .level-1 { font-weight: 600; } .level-3, .level-4 { padding-left: .8rem; }
    footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--quiet);
      font-size: .85rem; }
    .k { color: var(--k); } .n { color: var(--n); } .s { color: var(--s); } .c { color: var(--c); } .f { color: var(--f); }
    nav { margin-bottom: 1.5rem; }
    @media (max-width: 40rem) { .number { display: none; } .in pre { padding-right: .9rem; } }
    @media (min-width: 70rem) {
      body.long { max-width: 74rem; display: grid; grid-template-columns: 15rem minmax(0, 1fr); column-gap: 2.5rem; }
      body.long nav { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); border: 0;
        padding: 0; }
      body.long footer { grid-column: 2; }
    }
    @media print {
      :root { --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --code: #f4f4f4; --link: #000; --k: #5b1170;
        --n: #063; --s: #733000; --c: #555; --f: #003d73; --bad: #8a1a14; }
      body, body.long { display: block; max-width: none; padding: 0; font-size: 10.5pt; }
      nav { display: none; } pre { white-space: pre-wrap; } pre, code { font-size: 8.5pt; }
      .in, figure, table, .pictures { break-inside: avoid; } h1, h2, h3, h4 { break-after: avoid; }
      figure img { max-height: 8.5cm; width: auto; } details { display: none; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      @page { margin: 18mm 16mm; }
    }
    """
}
