/** How pages look. Colours are the custom properties of palette.ts. */
export const stylesheet = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:4rem}
body{margin:0;background:var(--page);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main,.masthead,.foot{max-width:1120px;margin:0 auto;padding:0 28px}
h1,h2,h3,p,ul,dl,figure{margin:0}
h1{font-size:clamp(1.7rem,4vw,2.35rem);line-height:1.15;letter-spacing:-.022em;font-weight:700;overflow-wrap:anywhere}
h2{font-size:1.28rem;letter-spacing:-.012em;line-height:1.25;font-weight:650}
h3{font-size:1rem;font-weight:650}
a{color:var(--accent);text-underline-offset:2px}
code,pre{font:0.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.skip{position:absolute;left:-999px}
.skip:focus{left:12px;top:12px;background:var(--surface);padding:6px 12px;z-index:2}
.masthead{padding-top:40px;padding-bottom:20px}
.wordmark{font-size:.78rem;letter-spacing:.14em;text-transform:uppercase;color:var(--muted);font-weight:600;margin-bottom:10px}
.wordmark b{color:var(--accent)}
.what{color:var(--muted);margin-top:10px;max-width:72ch}
.lead{font-size:clamp(1.08rem,2.3vw,1.28rem);line-height:1.45;margin-top:18px;max-width:66ch}
nav{position:sticky;top:0;z-index:1;background:var(--page);border-bottom:1px solid var(--border)}
nav ul{max-width:1120px;margin:0 auto;padding:0 28px;display:flex;gap:22px;list-style:none;overflow-x:auto;scrollbar-width:none}
nav a{display:block;padding:11px 0;color:var(--muted);text-decoration:none;font-size:.9rem;white-space:nowrap}
nav a:hover{color:var(--fg)}
section{margin:30px 0}
section>header{margin-bottom:12px}
section>header p,.note{color:var(--muted);font-size:.94rem;max-width:76ch;margin-top:4px}
.card{background:var(--surface);border:1px solid var(--border);border-radius:12px;padding:20px}
.card+.card{margin-top:14px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));gap:12px;margin-top:22px}
.tile{background:var(--surface);border:1px solid var(--border);border-radius:12px;padding:14px 16px;display:flex;flex-direction:column}
.tile dt{font-size:.8rem;color:var(--muted);order:-1}
.tile dd{margin:0}
.tile .value{font-size:1.55rem;font-weight:650;letter-spacing:-.02em;line-height:1.25}
.tile .detail{font-size:.84rem;color:var(--muted);overflow-wrap:anywhere}
.tile.best{border-color:var(--accent);box-shadow:inset 0 3px 0 var(--accent)}
.findings{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:14px;margin-top:14px}
.finding h3{margin-bottom:6px}
.finding ul{padding-left:1.1em;margin-top:8px;font-size:.94rem}
.finding li{margin:5px 0}
.finding li::marker{color:var(--muted)}
.finding .card-lead{font-size:1.02rem}
.card+.card.finding{margin-top:0}
.legend{display:flex;flex-wrap:wrap;gap:6px 8px;padding:0;margin:0 0 10px;list-style:none}
.legend button{display:inline-flex;align-items:center;gap:8px;font:inherit;font-size:.86rem;color:var(--fg);background:none;border:1px solid var(--border);border-radius:99px;padding:3px 12px 3px 9px;cursor:pointer}
.legend button:hover{border-color:var(--muted)}
.legend button[aria-pressed=false]{opacity:.45;text-decoration:line-through}
.legend svg{width:30px;height:8px;flex:none}
.tabs{display:inline-flex;flex-wrap:wrap;gap:2px;background:var(--page);border:1px solid var(--border);border-radius:9px;padding:2px;margin-bottom:12px}
.tabs button{font:inherit;font-size:.86rem;color:var(--muted);background:none;border:0;border-radius:7px;padding:4px 12px;cursor:pointer}
.tabs button[aria-selected=true]{background:var(--surface);color:var(--fg);box-shadow:0 1px 2px rgb(0 0 0/.14)}
:is(button,select,summary,a):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.plot{width:100%}
figcaption{font-size:.86rem;color:var(--muted);margin-top:6px}
details{margin-top:12px;font-size:.92rem}
summary{cursor:pointer;color:var(--muted);font-size:.88rem}
summary:hover{color:var(--fg)}
details:first-child{margin-top:0}
details[open]>summary{margin-bottom:8px}
.scroll{overflow-x:auto;max-width:100%;background:linear-gradient(90deg,var(--surface) 30%,transparent) 0 0/40px 100% local no-repeat,linear-gradient(270deg,var(--surface) 30%,transparent) 100% 0/40px 100% local no-repeat,linear-gradient(90deg,var(--shade),transparent) 0 0/14px 100% no-repeat,linear-gradient(270deg,var(--shade),transparent) 100% 0/14px 100% no-repeat}
.flow{display:block;width:100%;height:auto;font-size:12px}
.flow text{text-anchor:middle;fill:var(--fg)}
.flow .note{fill:var(--muted);font-size:11px}
.flow .title{font-weight:650}
.flow rect{fill:var(--surface);stroke-width:1.8}
.flow .arrow{fill:none;stroke:var(--accent);stroke-opacity:.45}
.flow .share{font-size:10.5px;paint-order:stroke;stroke:var(--surface);stroke-width:3px;stroke-linejoin:round}
.key .phase{width:1em;height:1em;border-radius:3px}
.scroll.tall{max-height:26rem;overflow-y:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:var(--muted);font-size:.86rem;padding-bottom:6px}
th,td{padding:6px 12px 6px 0;text-align:left;border-bottom:1px solid var(--grid);vertical-align:baseline}
.scroll table:has(thead th:nth-child(8)) :is(th,td){padding-right:5px}
.scroll table:has(thead th:nth-child(8)) thead th{white-space:normal}
thead th{color:var(--muted);font-weight:550;font-size:.82rem;border-bottom-color:var(--border);background:var(--surface)}
.tall thead th{position:sticky;top:0;z-index:1}
.scroll :is(thead th:first-child,tbody th){position:sticky;left:0;background:var(--surface);background-clip:padding-box}
.scroll.tall thead th:first-child{z-index:2}
tbody th{font-weight:500}
figure>.scroll,.scroll+.note{margin-top:16px}
.number{text-align:right;white-space:nowrap}
.number small{display:block;color:var(--muted);font-size:.76rem;font-weight:400}
tbody th{white-space:nowrap}
th:has(>.swatch){padding-left:1.9em}
h4>.swatch{margin-left:0}
tr.learner th{font-weight:650}
tr.other :is(th,td){color:var(--muted)}
.swatch{display:inline-block;width:1.5em;margin:0 .4em 0 -1.9em}
.swatch svg{width:100%;vertical-align:middle}
pre{background:var(--page);border:1px solid var(--border);border-radius:8px;padding:12px 14px;overflow:auto;max-height:30rem;margin:0;tab-size:2}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;font-size:.92rem}
.facts dt{color:var(--muted)}
.facts dd{margin:0;overflow-wrap:anywhere}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:24px}
.columns h3{margin-bottom:8px}
.columns>*{min-width:0}
.alert{border-left:4px solid var(--c1)}
select{font:inherit;font-size:.92rem;color:var(--fg);background:var(--surface);border:1px solid var(--border);border-radius:8px;padding:6px 10px;max-width:100%}
.chooser{display:flex;flex-wrap:wrap;align-items:center;gap:8px 12px;margin-bottom:14px;font-size:.92rem}
.key{display:flex;flex-wrap:wrap;gap:6px 16px;list-style:none;padding:0;margin:10px 0 16px;font-size:.88rem}
.key li{display:flex;align-items:center;gap:7px}
.key i{font-style:normal}
.chip{display:inline-grid;place-items:center;min-width:1.55em;height:1.55em;padding:0 .35em;border-radius:5px;background:var(--series);color:var(--onSeries);font-size:.78rem;font-weight:650}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,var(--panel,290px)),1fr));gap:22px 28px}
.panel table{width:auto;border-collapse:separate;border-spacing:2px;font-size:.8rem}
.panel caption{color:var(--fg);font-weight:600;font-size:.92rem;padding-bottom:8px}
.panel :is(th,td){border:0;padding:0;text-align:center}
.panel thead th,.panel tbody th{font-weight:500;color:var(--muted);background:none;padding:1px 6px}
.panel .axis{font-size:.76rem;line-height:1.25;max-width:5.6rem}
.panel thead .axis+.axis{max-width:none}
.panel tbody th{vertical-align:middle}
.panel td{min-width:2.4rem;height:2.1rem;vertical-align:middle;border-radius:5px;background:var(--series,transparent);color:var(--onSeries);font-weight:650;font-size:.76rem}
.panel thead td{height:auto;min-width:0}
.panel td.empty{background:repeating-linear-gradient(135deg,var(--grid) 0 2px,transparent 2px 6px)}
.panel.dense td{min-width:.85rem;height:.85rem;border-radius:2px}
.maps{display:flex;flex-wrap:wrap;gap:18px 24px;margin-top:10px}
.stack>*+*{margin-top:22px}
:is(h4,h5){margin:0;font-size:.95rem;font-weight:600}
h5{font-size:.86rem;font-weight:550;color:var(--muted);margin-bottom:4px}
.maps>*{max-width:100%;flex:1 1 300px}
.side{align-items:end}
.map{display:block;width:100%;height:auto;font-size:11px;text-anchor:middle}
.map .heading{text-anchor:start;fill:var(--muted)}
.map .title{font-weight:650;fill:var(--fg);font-size:11.5px}
.map .fact{font-size:9.5px}
.map text{stroke:none}
.map .axis{fill:var(--muted)}
.map .value{font-weight:600}
.map .mark{text-anchor:start;font-size:8.5px}
.map .word{font-size:13px;font-weight:700}
.map .arrow{fill:none;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.map .wall{stroke:var(--fg);stroke-width:4;fill:none}
.map .place{fill:var(--muted)}
.map .place rect{fill:var(--surface);stroke:var(--grid)}
.map g.wall rect{fill:var(--muted);stroke:none}
.map .hole rect{fill:var(--grid);stroke:var(--muted)}
.map .hole text,.map .cliff text{fill:var(--fg)}
.map .cliff rect{fill:var(--grid);stroke:var(--muted);stroke-dasharray:4 3}
.map :is(.goal,.end) rect{stroke:var(--accent);stroke-width:2}
.map :is(.goal,.end) text{fill:var(--accent);font-weight:700}
.map .halo{fill:none;stroke:#fff}
.map .worse{fill:none;stroke:#d3006c}
.scale{max-width:340px;margin:12px 0;font-size:.82rem;color:var(--muted)}
.scale i{display:block;height:12px;border-radius:3px}
.scale span{display:flex;justify-content:space-between}
.scale b{font-weight:550;color:var(--fg)}
.foot{color:var(--muted);font-size:.84rem;padding-top:8px;padding-bottom:44px}
[hidden]{display:none!important}
@media (max-width:640px){
  main,.masthead,.foot,nav ul{padding-left:16px;padding-right:16px}
  .masthead{padding-top:26px}
  .card{padding:14px;border-radius:10px}
  .tiles{grid-template-columns:1fr 1fr;gap:8px}
  .tile{padding:11px 12px}
  .tile .value{font-size:1.3rem}
  section{margin:24px 0}
  .scroll:not(.panel) tbody th{white-space:normal;overflow-wrap:anywhere;min-width:8.5rem;max-width:10rem}
  .scroll:not(.panel) thead th{white-space:normal;min-width:4.5rem}
  .scroll:not(.panel) thead th:nth-child(n+5){min-width:10rem}
  .scroll:not(.panel) thead th{vertical-align:bottom}
  th:has(>.swatch){padding-left:1.35em}
  th>.swatch{float:left;width:1.05em;margin:0 0 0 -1.35em}
  .scroll :is(th,td){padding-right:10px}
  .facts{grid-template-columns:1fr;gap:0}
  .facts dd{margin-bottom:8px}
  .panel td{min-width:1.9rem}
}
@media print{nav,.tabs,.skip{display:none}.card{break-inside:avoid}body{background:none}}
`
