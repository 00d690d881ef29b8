// When sessions are stopped by themselves: what the organisation says, and all narrower scopes that say something else.
import { useState } from 'preact/hooks';
import { ErrorBox } from '../lib/error_box.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { OrgChoice, orgLink, orgName, useOrg } from '../lib/org.js';
import { Page, Section } from '../lib/page.js';
import { PolicyDialog, PolicySection, policyWords } from '../lib/policy.js';
import { Filters } from '../lib/query.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

const SCOPES = { org: 'Organisation', group: 'Group', user: 'User', template: 'Template', session: 'Session' };

function linkOf({ scope, name }, org) {
	return scope === 'session' ? `/sessions/${name}` : scope === 'org' ? null : orgLink(`/admin/${scope}s/${name}`, org);
}

export default function Policies({ query }) {
	const org = useOrg(query);
	const name = orgName(org);
	const [editing, setEditing] = useState(null);
	const editable = may('platform_admin', 'org_admin');
	const list = useList('/policies', { scope: query.get('scope'), org, limit: 200 });
	const value = (key, label) => ({ key, label, render: (policy) => (policy[key] === null ? html`<span class="muted">–</span>` : policyWords(policy[key], key)) });
	const columns = [
		{ key: 'scope', label: 'Scope', render: (policy) => SCOPES[policy.scope] },
		{ key: 'name', label: 'Of', render: (policy) => (linkOf(policy, org) ? html`<a href=${linkOf(policy, org)}>${policy.name}</a>` : policy.name) },
		value('idle_seconds', 'Idle'), value('max_seconds', 'Longest run'), value('max_action', 'Then'), value('warn_seconds', 'Warning'), value('extend_seconds', 'Put off by'),
		{ key: 'updated_at', label: 'Changed', render: (policy) => when(policy.updated_at) },
		...(editable ? [{ key: 'actions', label: 'Actions', align: 'right actions', render: (policy) => policy.scope !== 'session' && html`<button type="button" class="button small"
			aria-label=${`Change the policy of ${policy.scope} ${policy.name}`} onClick=${() => setEditing(policy)}>Change</button>` }] : []),
	];
	return html`<${Page} title="Policies" wide lead="Each value comes from the narrowest scope that says it: session, template, user, group, organisation. A new policy of a group, user or template is made on its page.">
		<div class="toolbar"><${OrgChoice} org=${org} /></div>
		<${PolicySection} key=${name} title=${`Organisation ${name}`} scope="org" name=${name} editable=${editable} />
		<${Section} title="All that say something">
			<${Filters} query=${query} fields=${[{ name: 'scope', label: 'Scope', options: Object.entries(SCOPES).map(([key, label]) => ({ value: key, label })) }]} />
			<${ErrorBox} error=${list.error} retry=${list.refresh} />
			${list.read && list.items.length === 0 ? html`<p class="muted">None does.</p>`
				: html`<${Table} label="Policies" columns=${columns} rows=${list.items} keyOf=${(policy) => `${policy.scope} ${policy.name}`} list=${list} />`}
		<//>
		${editing && html`<${PolicyDialog} policy=${editing} onClose=${() => setEditing(null)} onDone=${() => {
			list.refresh();
			notify('The policy is changed');
		}} />`}
	<//>`;
}
