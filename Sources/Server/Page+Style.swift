extension Page {
  static let style = #"""
    :root {
      --paper: #f7f7f5; --card: #ffffff; --ink: #1b1d21; --quiet: #666b75; --line: #e2e2de; --accent: #1d4ed8;
      --accent-soft: #dbe6ff; --good: #0f7b53; --good-soft: #dcf3e8; --bad: #b42318; --bad-soft: #fde8e6;
      --edge: #9a6700; --edge-soft: #fbefd0; --stranger: #4b5563; --stranger-soft: #e8eaee;
      --other: #b9bcc4; --shadow: 0 1px 2px rgb(0 0 0 / 5%), 0 8px 24px rgb(0 0 0 / 5%);
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #131417; --card: #1c1e22; --ink: #eceded; --quiet: #9a9fa9; --line: #2d3036; --accent: #7aa2ff;
        --accent-soft: #223055; --good: #58c99a; --good-soft: #17372b; --bad: #ff8a80; --bad-soft: #41211f;
        --edge: #e3b341; --edge-soft: #3a2f14; --stranger: #b3b9c4; --stranger-soft: #2c3038;
        --other: #5a5e67; --shadow: none;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
      padding: 0 max(20px, env(safe-area-inset-right)) 40px max(20px, env(safe-area-inset-left));
    }
    h1, h2, h3, p, figure, dl, dd { margin: 0; }
    h1 { font-size: 1.15rem; letter-spacing: -.01em; line-height: 1.2; }
    h2 { font-size: 1.05rem; letter-spacing: -.01em; }
    a { color: var(--accent); }
    .quiet { color: var(--quiet); font-size: .875rem; }
    .top, main, footer { max-width: 1080px; margin: 0 auto; }
    .top { display: flex; flex-wrap: wrap; gap: 14px 32px; align-items: center; justify-content: space-between; padding: 22px 0 20px; }
    .brand { display: flex; gap: 12px; align-items: center; min-width: 0; }
    .mark { width: 38px; height: 38px; flex: none; fill: none; stroke: var(--accent); stroke-width: 2.4; }
    .tabs { display: flex; gap: 4px; padding: 4px; border-radius: 12px; background: var(--card); border: 1px solid var(--line); }
    .tabs button {
      font: inherit; font-size: .9375rem; color: var(--quiet); background: none; border: 0; border-radius: 9px; padding: 7px 16px;
      cursor: pointer; white-space: nowrap;
    }
    .tabs button:hover { color: var(--ink); }
    .tabs button[aria-selected="true"] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; box-shadow: var(--shadow); padding: 20px; }
    .row { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; }
    .drop {
      display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 12px; text-align: center;
      min-height: 320px; padding: 32px 20px; border: 2px dashed var(--line); border-radius: 20px; background: var(--card);
      transition: border-color .15s, background .15s;
    }
    .drop.small { min-height: 240px; padding: 20px; }
    .drop.over { border-color: var(--accent); background: var(--accent-soft); }
    .drop .row { justify-content: center; margin-top: 6px; }
    .drop canvas { max-width: 100%; max-height: 320px; border-radius: 12px; }
    .glyph { width: 56px; fill: none; stroke: var(--accent); stroke-width: 2.2; stroke-linecap: round; }
    .lead { font-size: 1.125rem; font-weight: 600; letter-spacing: -.01em; }
    .drop.compact { min-height: 0; padding: 14px 16px; flex-direction: row; flex-wrap: wrap; justify-content: space-between; text-align: left; margin-bottom: 20px; }
    .compact .glyph, .compact .quiet { display: none; }
    .compact .lead { font-size: 1rem; }
    .compact .row { margin: 0; }
    .button {
      display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: 0 18px; border-radius: 11px;
      border: 1px solid var(--line); background: var(--card); color: var(--ink); font: inherit; font-weight: 550; cursor: pointer;
    }
    .button:hover { border-color: var(--accent); }
    .button.strong { background: var(--accent); border-color: var(--accent); color: var(--card); }
    .button.plain { border-color: transparent; background: none; color: var(--quiet); padding: 0 8px; }
    .button:disabled { opacity: .5; cursor: default; }
    .button input[type="file"] { position: absolute; width: 1px; height: 1px; opacity: 0; }
    .button:focus-within, button:focus-visible, input:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .camera, .touch { display: none; }
    @media (pointer: coarse) { .camera { display: inline-flex; } .touch { display: inline; } .mouse { display: none; } }
    input[type="text"], input[type="search"], input[type="password"] {
      font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 11px; min-height: 44px;
      padding: 0 14px; min-width: 0; flex: 1 1 130px; max-width: 280px;
    }
    .result { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 24px; align-items: start; }
    .stage { position: sticky; top: 16px; }
    .stage canvas { display: block; max-width: 100%; max-height: 70vh; margin: 0 auto; border-radius: 16px; background: var(--line); }
    .stage figcaption { text-align: center; margin-top: 8px; }
    .faces { display: grid; gap: 16px; }
    .face { display: grid; gap: 16px; scroll-margin-top: 12px; }
    .face.lit { border-color: var(--accent); }
    .who { display: flex; gap: 14px; align-items: center; }
    .who canvas { width: 64px; height: 64px; border-radius: 14px; object-fit: cover; background: var(--line); flex: none; }
    .who div { min-width: 0; }
    .who strong { display: block; font-size: 1.3rem; line-height: 1.25; letter-spacing: -.015em; overflow-wrap: anywhere; }
    .chip { display: inline-block; border-radius: 99px; padding: 1px 10px; font-size: .8125rem; font-weight: 600; background: var(--line); color: var(--quiet); }
    .chip.good { background: var(--good-soft); color: var(--good); }
    .chip.edge { background: var(--edge-soft); color: var(--edge); }
    .chip.stranger { background: var(--stranger-soft); color: var(--stranger); }
    .face.good .who strong { color: var(--good); }
    .face.edge .who strong { color: var(--edge); }
    .matches { list-style: none; margin: 0; padding: 0; display: grid; gap: 10px; }
    .match { display: grid; grid-template-columns: 44px minmax(0, 1fr) auto; gap: 4px 12px; align-items: center; }
    .match img { width: 44px; height: 44px; object-fit: cover; border-radius: 9px; background: var(--line); grid-row: span 2; }
    .match .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 550; }
    .match .far { font-variant-numeric: tabular-nums; font-size: .875rem; color: var(--quiet); }
    .track { grid-column: 2 / 4; height: 8px; border-radius: 4px; background: var(--line); position: relative; }
    .track i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: 4px; background: var(--other); }
    .match.also .track i { background: color-mix(in srgb, var(--good) 35%, var(--other)); }
    .match.near .track i { background: var(--good); }
    .match.edge .track i { background: var(--edge); }
    .track b { position: absolute; top: -4px; bottom: -4px; width: 2px; margin-left: -1px; background: var(--ink); }
    .key { display: flex; flex-wrap: wrap; gap: 4px 16px; }
    .key span::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 3px; background: var(--other); }
    .key .plain::before { display: none; }
    .key .same::before { background: var(--good); }
    .key .mark-at::before { width: 2px; height: 12px; border-radius: 0; background: var(--ink); vertical-align: -1px; }
    .enrol { display: grid; gap: 14px; }
    .picks { display: flex; flex-wrap: wrap; gap: 8px; }
    .drop .picks { justify-content: center; }
    .pick { padding: 2px; border: 2px solid transparent; border-radius: 12px; background: none; cursor: pointer; line-height: 0; }
    .pick canvas { width: 48px; height: 48px; border-radius: 9px; }
    .pick[aria-pressed="true"] { border-color: var(--accent); }
    .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(76px, 1fr)); gap: 12px; }
    .tile { display: grid; gap: 4px; padding: 0; border: 0; background: none; color: inherit; font: inherit; font-size: .8125rem; text-align: center; cursor: pointer; min-width: 0; }
    .tile img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 12px; background: var(--line); }
    .tile span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .tile:hover span { color: var(--accent); }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }
    .verdict { margin-top: 20px; display: grid; gap: 12px; justify-items: center; text-align: center; }
    .verdict strong { font-size: 1.5rem; letter-spacing: -.02em; }
    .verdict .track { width: min(420px, 100%); grid-column: auto; }
    .verdict.good .track i { background: var(--good); }
    .verdict.edge .track i { background: var(--edge); }
    .bar { display: flex; justify-content: space-between; align-items: center; gap: 16px; margin: 28px 0 14px; }
    .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 14px; margin-bottom: 18px; }
    .person { padding: 10px; display: grid; gap: 8px; align-content: start; }
    .person > img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 10px; background: var(--line); }
    .person .name { font-weight: 600; overflow-wrap: anywhere; line-height: 1.3; }
    .person .strip { display: flex; flex-wrap: wrap; gap: 4px; }
    .person .strip img { width: 26px; height: 26px; object-fit: cover; border-radius: 5px; }
    .person button { min-height: 36px; font-size: .875rem; }
    #spread { display: grid; gap: 10px; }
    #histogram svg { display: block; width: 100%; height: auto; overflow: visible; }
    #histogram svg .same { fill: var(--good); opacity: .8; }
    #histogram svg .different { fill: var(--other); opacity: .75; }
    #histogram .axis { stroke: var(--quiet); }
    #histogram .grid-line { stroke: var(--line); }
    #histogram .at { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
    #histogram text { fill: var(--quiet); font-size: 12px; }
    .about { margin-top: 22px; }
    .about summary { cursor: pointer; font-weight: 600; }
    .about dl { display: grid; grid-template-columns: auto 1fr; gap: 6px 18px; margin-top: 12px; font-size: .9375rem; }
    .about dt { color: var(--quiet); }
    .about dd { overflow-wrap: anywhere; }
    .notice { display: flex; gap: 12px; align-items: start; justify-content: space-between; padding: 12px 16px; border-radius: 12px; margin-bottom: 16px; background: var(--accent-soft); }
    .notice.bad { background: var(--bad-soft); color: var(--bad); }
    .notice.good { background: var(--good-soft); color: var(--good); }
    .notice button { font: inherit; border: 0; background: none; color: inherit; cursor: pointer; padding: 0 4px; }
    .busy { animation: breathe 1.1s ease-in-out infinite alternate; }
    @keyframes breathe { from { opacity: .55; } to { opacity: 1; } }
    @media (prefers-reduced-motion: reduce) { .busy { animation: none; } * { transition: none !important; } }
    #cover { position: fixed; inset: 0; display: grid; place-items: center; background: color-mix(in srgb, var(--paper) 80%, transparent); pointer-events: none; z-index: 9; }
    #cover p { font-size: 1.5rem; font-weight: 600; padding: 36px 48px; border: 3px dashed var(--accent); border-radius: 24px; background: var(--card); }
    footer { margin-top: 36px; padding-top: 16px; border-top: 1px solid var(--line); }
    @media (max-width: 720px) {
      body { padding-left: max(14px, env(safe-area-inset-left)); padding-right: max(14px, env(safe-area-inset-right)); }
      .top { padding: 14px 0; }
      .tabs { width: 100%; }
      .tabs button { flex: 1; padding: 8px 4px; min-height: 44px; }
      .result { grid-template-columns: minmax(0, 1fr); gap: 16px; }
      .stage { position: static; }
      .stage canvas { max-height: 46vh; }
      .drop { min-height: 280px; padding: 24px 16px; }
      .drop.compact .lead { display: none; }
      .drop.compact .row { width: 100%; flex-wrap: nowrap; }
      .drop.compact .button { flex: 1; padding: 0 6px; font-size: .875rem; white-space: nowrap; }
      .pair { gap: 10px; }
      .drop.small { min-height: 190px; padding: 12px; }
      .drop.small .lead { font-size: 1rem; }
      .grid { grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px; }
      .card { padding: 16px; }
      .person { padding: 8px; }
      .tiles { grid-template-columns: repeat(auto-fill, minmax(64px, 1fr)); gap: 10px; }
    }

    """#
}
