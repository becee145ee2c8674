/// The page: three files and an icon, part of the program, so that nothing has to be installed beside it.
enum Page {
  static let html = #"""
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>Twinbook: who is this?</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/page.css">
    <script src="/page.js" defer></script>
    </head>
    <body>
    <header class="top">
      <div class="brand">
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="12" cy="16" r="9"/><circle cx="20" cy="16" r="9"/>
        </svg>
        <div><h1>Twinbook</h1><p id="summary" class="quiet">loading the gallery …</p></div>
      </div>
      <nav class="tabs" role="tablist" aria-label="What to do">
        <button role="tab" id="tab-ask" aria-controls="ask" aria-selected="true">Who is this?</button>
        <button role="tab" id="tab-compare" aria-controls="compare" aria-selected="false" tabindex="-1">Compare</button>
        <button role="tab" id="tab-people" aria-controls="people" aria-selected="false" tabindex="-1">Gallery</button>
      </nav>
    </header>
    <main>
      <noscript><p class="notice bad">This page needs JavaScript. The JSON interface does not: see /openapi.json.</p></noscript>
      <div id="notices" aria-live="polite"></div>

      <section id="ask" role="tabpanel" aria-labelledby="tab-ask">
        <div class="drop" id="ask-drop">
          <svg class="glyph" viewBox="0 0 48 48" aria-hidden="true">
            <circle cx="24" cy="18" r="8"/><path d="M8 42c1-10 8-14 16-14s15 4 16 14"/>
          </svg>
          <p class="lead"><span class="mouse">Drop a picture here, or paste one</span><span class="touch">Show a picture: who is it?</span></p>
          <p class="quiet">It is compared and forgotten: nothing is kept on the server.</p>
          <div class="row">
            <label class="button strong">Choose a picture<input type="file" id="ask-file" accept="image/*,.pgm,.ppm,.pbm"></label>
            <label class="button camera">Take a photograph<input type="file" id="ask-camera" accept="image/*" capture="user"></label>
          </div>
        </div>
        <div id="here" class="here" hidden>
          <div class="bar"><h2>Who is known here</h2><button class="button plain" id="here-all"></button></div>
          <div id="here-list" class="tiles"></div>
        </div>
        <div class="result" id="ask-result" hidden>
          <figure class="stage"><canvas id="ask-canvas"></canvas><figcaption class="quiet" id="ask-caption"></figcaption></figure>
          <div id="ask-faces" class="faces" aria-live="polite"></div>
        </div>
      </section>

      <section id="compare" role="tabpanel" aria-labelledby="tab-compare" hidden>
        <div class="pair">
          <div class="drop small" id="a-drop">
            <canvas id="a-canvas" hidden></canvas>
            <div id="a-faces" class="picks" role="group" aria-label="Which face" hidden></div>
            <p class="lead">First picture</p>
            <label class="button">Choose<input type="file" id="a-file" accept="image/*,.pgm,.ppm,.pbm"></label>
          </div>
          <div class="drop small" id="b-drop">
            <canvas id="b-canvas" hidden></canvas>
            <div id="b-faces" class="picks" role="group" aria-label="Which face" hidden></div>
            <p class="lead">Second picture</p>
            <label class="button">Choose<input type="file" id="b-file" accept="image/*,.pgm,.ppm,.pbm"></label>
          </div>
        </div>
        <div id="verdict" class="card verdict" hidden aria-live="polite"></div>
      </section>

      <section id="people" role="tabpanel" aria-labelledby="tab-people" hidden>
        <div class="card" id="spread">
          <h2>How far apart they are</h2>
          <p class="quiet" id="spread-words"></p>
          <div id="histogram"></div>
        </div>
        <div class="bar"><h2 id="people-title">People</h2><input type="search" id="search" placeholder="Search" aria-label="Search the gallery" autocomplete="off"></div>
        <div id="grid" class="grid"></div>
        <div class="row"><button class="button" id="more" hidden>Show more</button></div>
        <details class="card about"><summary>About this gallery</summary><dl id="about"></dl></details>
      </section>
    </main>
    <footer class="quiet">Twinbook · <a href="/openapi.json">JSON interface</a></footer>
    <div id="cover" hidden><p>Drop it: who is this?</p></div>
    </body>
    </html>

    """#

  static let icon = #"""
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1d4ed8"/><g fill="none" stroke="#fff" stroke-width="2.4"><circle cx="12.5" cy="16" r="7.5"/><circle cx="19.5" cy="16" r="7.5"/></g></svg>

    """#
}
