/// The report page's template and style. What stands in three braces was escaped before.
enum ReportTemplate {
  static let page = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}</title>
    <style>
    {{{style}}}
    </style>
    </head>
    <body>
    <header>
    <h1>{{title}}</h1>
    {{#dateline}}
    <p class="dateline">{{.}}</p>
    {{/dateline}}
    {{#introduction}}
    <p class="lead">{{{.}}}</p>
    {{/introduction}}
    {{#keyNumbers}}
    <dl class="numbers">
    {{#each}}
    <div><dt>{{label}}</dt><dd>{{value}}</dd></div>
    {{/each}}
    </dl>
    {{/keyNumbers}}
    {{#contents}}
    <nav aria-label="Contents and findings"><ol>
    {{#links}}
    <li><a href="#{{anchor}}">{{name}}</a>{{#finding}} <span>{{{.}}}</span>{{/finding}}</li>
    {{/links}}
    </ol></nav>
    {{/contents}}
    </header>
    <main>
    {{#sections}}
    <section id="{{anchor}}">
    <h2>{{name}}</h2>
    {{#summary}}
    <p class="summary">{{{.}}}</p>
    {{/summary}}
    {{#explanation}}
    <p class="explanation">{{{.}}}</p>
    {{/explanation}}
    {{#blocks}}
    {{#paragraph}}
    <p>{{{.}}}</p>
    {{/paragraph}}
    {{#heading}}
    <h3>{{.}}</h3>
    {{/heading}}
    {{#finding}}
    <p class="summary">{{{.}}}</p>
    {{/finding}}
    {{#numbers}}
    <dl class="numbers">
    {{#each}}
    <div><dt>{{label}}</dt><dd>{{value}}</dd></div>
    {{/each}}
    </dl>
    {{/numbers}}
    {{#table}}
    <div class="table">
    {{{.}}}</div>
    {{/table}}
    {{#figures}}
    <div class="figures">
    {{#each}}
    <figure{{#wide}} class="wide"{{/wide}}>
    <p class="name">{{name}}</p>
    {{#picture}}
    {{{.}}}
    {{/picture}}
    {{#absent}}
    <p class="note">This is no picture that can be shown here.</p>
    {{/absent}}
    <figcaption>{{{caption}}}</figcaption>
    </figure>
    {{/each}}
    </div>
    {{/figures}}
    {{#code}}
    <pre><code>{{.}}</code></pre>
    {{/code}}
    {{#note}}
    <p class="note">{{{.}}}</p>
    {{/note}}
    {{/blocks}}
    </section>
    {{/sections}}
    </main>
    {{#hasFooter}}
    <footer>
    <h2>How this report was made</h2>
    {{#details}}
    <dl>
    {{#each}}
    <div><dt>{{label}}</dt><dd>{{value}}</dd></div>
    {{/each}}
    </dl>
    {{/details}}
    {{#run}}
    <dl class="run">
    {{#each}}
    <div><dt>{{label}}</dt><dd>{{value}}</dd></div>
    {{/each}}
    </dl>
    {{/run}}
    </footer>
    {{/hasFooter}}
    </body>
    </html>

    """

  static let style = """
    :root {
      --paper: #fbfaf8; --card: #ffffff; --ink: #22272e; --soft: #5b6570; --rule: #dcdfe2; --accent: #0b7285;
      --stripe: #f4f5f4; --note: #fff4d6; --best: #e3f4ec; --best-ink: #0a5c36;
      --series-1: #0b7285; --series-2: #d9480f; --series-3: #6741d9; --series-4: #5c940d; --series-5: #c2255c;
      --series-6: #495057;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --paper: #14181c; --card: #1b2025; --ink: #e6e9ec; --soft: #9aa5b1; --rule: #343b43; --accent: #4fc3d9;
        --stripe: #20262c; --note: #3a3320; --best: #163528; --best-ink: #8ce0b4;
        --series-1: #4fc3d9; --series-2: #ff922b; --series-3: #b197fc; --series-4: #a9e34b; --series-5: #f783ac;
        --series-6: #adb5bd;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
    body {
      margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 74rem; background: var(--paper); color: var(--ink);
      font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
    }
    header { padding: 3rem 0 0; }
    h1 { margin: 0 0 .5rem; font-size: clamp(1.9rem, 5vw, 2.75rem); line-height: 1.15; letter-spacing: -.02em; overflow-wrap: anywhere; }
    h2 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
    h3 { margin: 2rem 0 .25rem; font-size: 1.15rem; }
    h2, h3, .summary, .explanation, .name, caption { break-after: avoid; }
    p { margin: .75rem 0; max-width: 48rem; overflow-wrap: break-word; }
    a { color: var(--accent); text-underline-offset: .15em; }
    code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
    code { padding: .1em .3em; border-radius: .25em; background: var(--stripe); overflow-wrap: anywhere; }
    pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--rule); border-radius: .5rem; background: var(--stripe); }
    pre code { padding: 0; background: none; overflow-wrap: normal; }
    .dateline { margin: 0 0 .75rem; color: var(--soft); font-size: .9rem; }
    .lead { font-size: 1.15rem; color: var(--soft); }
    .summary { font-size: 1.15rem; line-height: 1.5; font-weight: 500; }
    .explanation { color: var(--soft); font-size: .95rem; }
    .numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .75rem; margin: 1.5rem 0; }
    .numbers > div {
      display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .8rem 1rem; break-inside: avoid;
      border: 1px solid var(--rule); border-top: 3px solid var(--accent); border-radius: .5rem; background: var(--card);
    }
    .numbers dt { color: var(--soft); font-size: .875rem; line-height: 1.35; }
    .numbers dd { margin: 0; font-size: 1.5rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
    nav ol { margin: 1.5rem 0 0; padding: 0; list-style: none; border: 1px solid var(--rule); border-radius: .5rem; background: var(--card); }
    nav li { display: grid; grid-template-columns: 11rem 1fr; gap: 1rem; padding: .55rem 1rem; break-inside: avoid; }
    nav li + li { border-top: 1px solid var(--rule); }
    nav a { font-weight: 600; text-decoration: none; }
    nav a:hover { text-decoration: underline; }
    section { margin-top: 2.5rem; padding-top: 2rem; border-top: 1px solid var(--rule); }
    .table { width: fit-content; min-width: min(100%, 36rem); max-width: 100%; margin: 1.25rem 0; border: 1px solid var(--rule); border-radius: .5rem; background: var(--card); }
    table { width: 100%; border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
    caption { padding: .7rem 1rem .5rem; text-align: left; font-weight: 600; }
    th, td { padding: .4rem .8rem; vertical-align: baseline; overflow-wrap: anywhere; }
    th { border-bottom: 2px solid var(--rule); color: var(--soft); font-weight: 600; line-height: 1.3; overflow-wrap: break-word; }
    th.right, td.right { overflow-wrap: normal; }
    tr { break-inside: avoid; }
    tbody tr:nth-child(even) { background: var(--stripe); }
    .left { text-align: left; } .center { text-align: center; } .right { text-align: right; }
    .best { color: var(--best-ink); font-weight: 700; background: var(--best); }
    .figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin: 1.25rem 0; }
    figure {
      display: flex; flex-direction: column; margin: 0; padding: .75rem 1rem .9rem; break-inside: avoid;
      border: 1px solid var(--rule); border-radius: .5rem; background: var(--card);
    }
    figure.wide, figure:only-child { grid-column: 1 / -1; }
    figure .name { margin: 0 0 .35rem; font-weight: 600; }
    figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto auto; color: var(--ink); }
    figcaption { margin-top: .35rem; color: var(--soft); font-size: .9rem; line-height: 1.5; }
    .note { padding: .6rem 1rem; border-left: 3px solid var(--series-2); border-radius: 0 .4rem .4rem 0; background: var(--note); }
    footer { margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .9rem; }
    footer h2 { font-size: 1rem; }
    footer dl { display: grid; gap: .15rem; margin: 0 0 1rem; }
    footer dl > div { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: .75rem; break-inside: avoid; }
    footer .run { grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); column-gap: 2rem; }
    footer dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
    @media (max-width: 48rem) {
      body { padding: 0 .9rem 3rem; }
      header { padding-top: 1.75rem; }
      .figures { grid-template-columns: minmax(0, 1fr); }
      nav li { grid-template-columns: 1fr; gap: 0; }
    }
    @media screen and (max-width: 40rem) {
      .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
      .numbers dd { font-size: 1.25rem; }
      figure { padding: .6rem .5rem; }
      th, td { padding: .35rem .55rem; }
      table.wide, .wide tbody, .wide caption { display: block; }
      .wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      .wide tr { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); column-gap: 1.25rem; padding: .5rem .8rem; }
      .wide tr + tr { border-top: 1px solid var(--rule); }
      .wide td { display: flex; justify-content: space-between; gap: .5rem; padding: .1rem 0; text-align: right; }
      .wide td::before { content: attr(data-label); color: var(--soft); font-weight: 400; text-align: left; }
      .wide td.best { background: none; }
    }
    @media print {
      @page { margin: 14mm 12mm; }
      html { font-size: 9.5pt; }
      body { max-width: none; padding: 0; background: none; }
      header { padding-top: 0; }
      section { margin-top: 1.25rem; padding-top: 1rem; }
      .table, .figures, .numbers { margin: .75rem 0; }
      .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      table { font-size: .9rem; }
      th, td { padding: .2rem .4rem; }
      .numbers { grid-template-columns: repeat(4, minmax(0, 1fr)); }
      .numbers dd { font-size: 1.1rem; }
      a { color: inherit; text-decoration: none; }
    }
    """
}
