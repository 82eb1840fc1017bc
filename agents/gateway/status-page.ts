import { gatewayPage, keyForm } from './gateway-page.js'
import { statusPageScript } from './status-page-script.js'
import { statusPageStyle } from './status-page-style.js'

/** The status page: nothing in it comes from elsewhere, and it shows only what it asks `/v1/team` for. */
export const statusPage = gatewayPage(
  'Team',
  statusPageStyle,
  `<header>
<h1 id="team">Team</h1>
<p class="under" id="what">asking the gateway</p>
</header>
<p class="notice" id="notice" role="alert" hidden></p>
${keyForm('ask', 'Show the team')}
<div id="body" hidden>
<h2>Agents</h2>
<div class="grid" id="agents"></div>
<section id="dispatch" hidden>
<h2>Dispatcher</h2>
<div id="dispatcher"></div>
</section>
<h2>Last decisions</h2>
<p class="muted" id="none">none yet</p>
<div class="card scroll" id="decided" tabindex="0" role="region" aria-label="Last decisions" hidden>
<table>
<thead><tr><th>time</th><th class="c-type">type</th><th>choice</th><th>decided by</th><th>why</th><th>scores</th></tr></thead>
<tbody id="decisions"></tbody>
</table>
</div>
</div>
<noscript><p class="notice">This page asks /v1/team with a script; the same is there as JSON.</p></noscript>`,
  statusPageScript,
)
