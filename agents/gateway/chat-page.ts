import { chatPageScript } from './chat-page-script.js'
import { gatewayPage, keyForm } from './gateway-page.js'
import { statusPageStyle } from './status-page-style.js'

const style = `${statusPageStyle}
main{max-width:760px;display:flex;flex-direction:column;min-height:100vh}
#talk{flex:1;display:flex;flex-direction:column;gap:12px;margin:18px 0}
.said{border:1px solid var(--border);border-radius:12px;padding:10px 14px;white-space:pre-wrap;overflow-wrap:anywhere;max-width:88%}
.said.user{align-self:end;background:var(--grid)}
.said.team{align-self:start;background:var(--surface)}
.said details,.said p{white-space:normal;margin-top:8px;font-size:.88rem}
summary{cursor:pointer;color:var(--muted)}
.sources{margin:8px 0 0;padding-left:18px}
.said table,.said tbody{display:table}.said tbody{display:table-row-group}.said thead{display:table-header-group}.said tr{display:table-row}.said :is(th,td){display:table-cell;padding:3px 10px 3px 0}
td.number{white-space:nowrap}
a{color:var(--accent)}
.said,#talk>p{scroll-margin-bottom:140px}
#say{position:sticky;bottom:0;background:var(--page);padding:10px 0;flex-wrap:nowrap}
#say div{flex:1}
textarea{font:inherit;color:var(--fg);background:var(--surface);border:1px solid var(--border);border-radius:8px;padding:7px 12px;width:100%;resize:vertical}
textarea:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`

/** A page to talk with the team, which shows who did what; nothing in it comes from elsewhere. */
export const chatPage = gatewayPage(
  'Chat',
  style,
  `<header>
<h1 id="team">Team</h1>
<p class="under">Below each answer: who did what. <a href="/team">The team's state</a></p>
</header>
${keyForm('unlock', 'Talk with the team')}
<div id="talk" role="log" aria-live="polite"></div>
<p class="notice" id="notice" role="alert" hidden></p>
<form id="say" hidden>
<div>
<label for="text">Your question</label>
<textarea id="text" rows="2" required></textarea>
</div>
<button id="send">Send</button>
</form>
<noscript><p class="notice">This page talks to /v1/chat/completions with a script.</p></noscript>`,
  chatPageScript,
)
