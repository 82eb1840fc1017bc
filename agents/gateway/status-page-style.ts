/** How the status page looks: light, and dark where the reader's system asks for it. */
export const statusPageStyle = `
:root{color-scheme:light dark;--page:#f6f7f9;--surface:#fff;--fg:#16202c;--muted:#5a6675;--border:#d9dee5;--grid:#e4e8ed;--accent:#0b62a8;--good:#1a7037;--bad:#b3261e;--warn:#8a5a00;--bar:#0072b2}
@media (prefers-color-scheme:dark){:root{--page:#0e1319;--surface:#161d26;--fg:#e8edf3;--muted:#9aa7b6;--border:#2b3643;--grid:#28323e;--accent:#6db8f2;--good:#63c77f;--bad:#ff8a80;--warn:#e3b341;--bar:#4aa8ee}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:28px}
h1,h2,h3,p,dl,dd,ul{margin:0}
h1{font-size:clamp(1.5rem,4vw,2rem);letter-spacing:-.02em;line-height:1.2;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:28px 0 10px}
h3{font-size:1rem;overflow-wrap:anywhere}
.muted,.facts dt{color:var(--muted)}
.under{color:var(--muted);margin-top:4px;overflow-wrap:anywhere}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,250px),1fr));gap:12px}
.card{background:var(--surface);border:1px solid var(--border);border-radius:12px;padding:16px;min-width:0}
.card.down{border-color:var(--bad)}
.row{display:flex;justify-content:space-between;align-items:baseline;gap:10px}
.badge{font-size:.8rem;font-weight:650;border:1px solid currentColor;border-radius:99px;padding:0 9px;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;font-size:.9rem;margin-top:10px}
.facts dd{text-align:right;overflow-wrap:anywhere}
.why{font-size:.88rem;margin-top:8px;overflow-wrap:anywhere}
.bar{display:flex;gap:3px;height:14px;margin-top:10px}
.bar i{flex:1;border-radius:3px;background:var(--grid);max-width:60px}
.bar i.on{background:var(--bar)}
.bar i.busy{background:repeating-linear-gradient(135deg,var(--bar) 0 4px,transparent 4px 7px),var(--grid)}
.label{font-size:.84rem;color:var(--muted);margin-top:4px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px}
.value{font-size:1.45rem;font-weight:650;letter-spacing:-.02em;line-height:1.3}
.chips{display:flex;flex-wrap:wrap;gap:6px;list-style:none;padding:0;margin-top:8px}
.chips li{border:1px solid var(--border);border-radius:7px;padding:2px 9px;font-size:.88rem}
.range{position:relative;height:34px;margin:14px 6px 0}
.range .line{position:absolute;top:8px;left:0;right:0;height:2px;background:var(--grid)}
.range .interval{position:absolute;top:4px;height:10px;border-radius:5px;background:var(--bar);opacity:.35;min-width:2px}
.range .mean{position:absolute;top:1px;width:4px;height:16px;margin-left:-2px;border-radius:2px;background:var(--bar)}
.range .predicted{position:absolute;top:-3px;height:24px;border-left:2px dashed var(--fg)}
.range .zero{position:absolute;top:14px;transform:translateX(-50%);font-size:.75rem;color:var(--muted)}
.ends{display:flex;justify-content:space-between;margin:0 6px;font-size:.75rem;color:var(--muted)}
.scroll{overflow:auto;max-height:34rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--grid);vertical-align:baseline}
th{color:var(--muted);font-weight:550;font-size:.82rem;white-space:nowrap}
td{overflow-wrap:anywhere}
td.c-time{white-space:nowrap}
.scores span{white-space:nowrap;margin-right:10px}
.scores .chosen{font-weight:650}
.notice{border-left:4px solid var(--bad);padding:10px 14px;margin-top:16px;background:var(--surface)}
form{display:flex;flex-wrap:wrap;gap:10px;margin-top:16px;align-items:end}
label{display:block;font-size:.9rem;color:var(--muted)}
input,button{font:inherit;color:var(--fg);background:var(--surface);border:1px solid var(--border);border-radius:8px;padding:7px 12px;max-width:100%}
button{cursor:pointer;border-color:var(--accent);color:var(--accent)}
:is(button,input,.scroll):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[hidden]{display:none!important}
@media (max-width:640px){
  main{padding:16px}
  .tiles{grid-template-columns:1fr 1fr}
  table,tbody,td{display:block}
  thead{display:none}
  tr{display:flex;flex-wrap:wrap;gap:0 12px;border-bottom:1px solid var(--border);padding:8px 0}
  td{border:0;padding:0}
  td.c-choice{font-weight:650}
  td.c-by::before,td.c-why::before{content:attr(data-name) " ";color:var(--muted)}
  td.c-scores{flex-basis:100%}
}
`
