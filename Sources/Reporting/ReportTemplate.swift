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
    <nav aria-label="Contents"><ol>
    {{#links}}
    <li><a href="#{{anchor}}">{{name}}</a></li>
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
    {{#blocks}}
    {{#paragraph}}
    <p>{{{.}}}</p>
    {{/paragraph}}
    {{#heading}}
    <h3>{{.}}</h3>
    {{/heading}}
    {{#numbers}}
    <dl class="numbers">
    {{#each}}
    <div><dt>{{label}}</dt><dd>{{value}}</dd></div>
    {{/each}}
    </dl>
    {{/numbers}}
    {{#table}}
    <div class="table" tabindex="0">
    {{{.}}}</div>
    {{/table}}
    {{#figures}}
    <div class="figures">
    {{#each}}
    <figure>
    <p class="name">{{name}}</p>
    {{#picture}}
    {{{.}}}
    {{/picture}}
    {{#absent}}
    <p class="note">Not drawn: gnuplot is not installed. The data and the script are in the files below.</p>
    {{/absent}}
    <figcaption>{{{caption}}} <span class="files">{{#files}}<a href="{{path}}">{{name}}</a> {{/files}}</span></figcaption>
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
    {{#details}}
    <footer>
    <h2>How this report was made</h2>
    <dl>
    {{#each}}
    <div><dt>{{label}}</dt><dd>{{value}}</dd></div>
    {{/each}}
    </dl>
    </footer>
    {{/details}}
    </body>
    </html>

    """

  static let style = """
    :root {
      --paper: #fbfaf8; --card: #ffffff; --ink: #22272e; --soft: #5b6570; --rule: #dcdfe2; --accent: #0b7285;
      --stripe: #f4f5f4; --note: #fff4d6; --none: transparent;
      --series-1: #0b7285; --series-2: #d9480f; --series-3: #6741d9; --series-4: #5c940d; --series-5: #c2255c;
      --series-6: #495057;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14181c; --card: #1b2025; --ink: #e6e9ec; --soft: #9aa5b1; --rule: #343b43; --accent: #4fc3d9;
        --stripe: #20262c; --note: #3a3320;
        --series-1: #4fc3d9; --series-2: #ff922b; --series-3: #b197fc; --series-4: #a9e34b; --series-5: #f783ac;
        --series-6: #adb5bd;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
    body {
      margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 66rem; background: var(--paper); color: var(--ink);
      font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
    }
    header { padding: 3rem 0 1rem; }
    h1 { margin: 0 0 .5rem; font-size: clamp(1.9rem, 5vw, 2.75rem); line-height: 1.15; letter-spacing: -.02em; }
    h2 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
    h3 { margin: 2rem 0 .25rem; font-size: 1.1rem; }
    p { margin: .75rem 0; max-width: 44rem; }
    a { color: var(--accent); text-underline-offset: .15em; }
    code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
    code { padding: .1em .3em; border-radius: .25em; background: var(--stripe); overflow-wrap: anywhere; }
    pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--rule); border-radius: .5rem; background: var(--stripe); }
    pre code { padding: 0; background: none; overflow-wrap: normal; }
    .lead { font-size: 1.15rem; color: var(--soft); }
    .summary { font-size: 1.08rem; }
    .numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0; }
    .numbers > div {
      display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .8rem 1rem;
      border: 1px solid var(--rule); border-top: 3px solid var(--accent); border-radius: .5rem; background: var(--card);
    }
    .numbers dt { color: var(--soft); font-size: .875rem; line-height: 1.35; }
    .numbers dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
    nav ol { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
    nav a {
      display: block; padding: .25rem .8rem; border: 1px solid var(--rule); border-radius: .9rem; background: var(--card);
      font-size: .9rem; text-decoration: none;
    }
    nav a:hover { border-color: var(--accent); }
    section { margin-top: 2.5rem; padding-top: 2rem; border-top: 1px solid var(--rule); }
    .table {
      overflow-x: auto; margin: 1.25rem 0; border: 1px solid var(--rule); border-radius: .5rem; background: var(--card);
    }
    table { width: 100%; border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
    caption { padding: .7rem 1rem .5rem; text-align: left; font-weight: 600; }
    th, td { padding: .4rem 1rem; white-space: nowrap; vertical-align: baseline; }
    th { border-bottom: 2px solid var(--rule); color: var(--soft); font-weight: 600; }
    tbody tr:nth-child(even) { background: var(--stripe); }
    tbody tr:hover td { box-shadow: inset 0 -1px var(--accent), inset 0 1px var(--accent); }
    .left { text-align: left; } .center { text-align: center; } .right { text-align: right; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1rem; margin: 1.25rem 0; }
    figure { margin: 0; padding: .75rem 1rem .9rem; border: 1px solid var(--rule); border-radius: .5rem; background: var(--card); }
    figure .name { margin: 0 0 .35rem; font-weight: 600; }
    figure svg { display: block; width: 100%; max-width: 48rem; height: auto; margin: 0 auto; color: var(--ink); }
    figcaption { margin-top: .35rem; color: var(--soft); font-size: .9rem; line-height: 1.5; }
    .files { white-space: nowrap; font-size: .85rem; }
    .files a { margin-right: .4rem; }
    .note { padding: .6rem 1rem; border-left: 3px solid var(--series-2); border-radius: 0 .4rem .4rem 0; background: var(--note); }
    footer { margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .9rem; }
    footer h2 { font-size: 1rem; }
    footer dl { display: grid; gap: .15rem; margin: 0; }
    footer dl > div { display: grid; grid-template-columns: minmax(7rem, 10rem) 1fr; gap: .75rem; }
    footer dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
    @media (max-width: 40rem) {
      body { padding: 0 .9rem 3rem; }
      header { padding-top: 1.75rem; }
      th, td { padding: .4rem .65rem; }
      .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
      .numbers dd { font-size: 1.3rem; }
    }
    @media print {
      body { max-width: none; background: none; } nav { display: none; }
      section, figure, .table { break-inside: avoid; }
    }
    """
}
