// Limits of the organisation, of all its users, and of each group and user, with what is used.
import { useState } from 'preact/hooks';
import { ErrorBox } from '../lib/error_box.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { Meter } from '../lib/meter.js';
import { OrgChoice, orgLink, orgName, useOrg } from '../lib/org.js';
import { Page, Section } from '../lib/page.js';
import { changeQuery } from '../lib/query.js';
import { QuotaDialog, QuotaSection, RESOURCES } from '../lib/quota.js';
import { Table } from '../lib/table.js';
import { Tabs } from '../lib/tabs.js';
import { notify } from '../lib/toast.js';

const COUNTED = ['sessions', 'millicores', 'memory_mib', 'storage_mib'];

function Quotas({ scope, org }) {
	const list = useList('/quotas', { scope, org, limit: 200 });
	const [editing, setEditing] = useState(null);
	const columns = [
		{ key: 'name', label: scope === 'user' ? 'User' : 'Group', render: (quota) => html`<a href=${orgLink(`/admin/${scope}s/${quota.name}`, org)}>${quota.name}</a>` },
		...COUNTED.map((key) => ({ key, label: RESOURCES[key].label, render: (quota) => html`<${Meter} compact label=${`${RESOURCES[key].label} of ${quota.name}`}
			used=${quota.used[key]} limit=${quota.limits[key]} format=${RESOURCES[key].format} />` })),
		...(may('platform_admin', 'org_admin') ? [{ key: 'actions', label: 'Actions', align: 'right actions', render: (quota) => html`<button type="button" class="button small"
			aria-label=${`Change limits of ${quota.name}`} onClick=${() => setEditing(quota)}>Change</button>` }] : []),
	];
	return html`<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<p class="muted">There is none.</p>`
			: html`<${Table} label=${scope === 'user' ? 'Limits of users' : 'Limits of groups'} columns=${columns} rows=${list.items} keyOf=${(quota) => quota.name} list=${list} />`}
		${editing && html`<${QuotaDialog} quota=${editing} onClose=${() => setEditing(null)} onDone=${(quota) => {
			list.set((items) => items.map((item) => (item.name === quota.name ? quota : item)));
			notify('The limits are changed');
		}} />`}`;
}

export default function AllQuotas({ query }) {
	const org = useOrg(query);
	const name = orgName(org);
	const scope = query.get('scope') === 'group' ? 'group' : 'user';
	return html`<${Page} title="Quotas" wide lead="A session has to fit into the limits of its owner, of his groups and of the organisation at once.">
		<div class="toolbar"><${OrgChoice} org=${org} /></div>
		<div class="pair">
			<${QuotaSection} key=${`org ${name}`} title=${`Organisation ${name}`} scope="org" name=${name} editable=${may('platform_admin')} />
			<${QuotaSection} key=${`all ${name}`} title="Each user by default" scope="user_default" name=${name} editable=${may('platform_admin', 'org_admin')} />
		</div>
		<${Section} title="Groups and users">
			<${Tabs} label="Whose limits" value=${scope} options=${[['user', 'Users'], ['group', 'Groups']]} onChange=${(value) => changeQuery({ scope: value === 'user' ? '' : value })}>
				<${Quotas} key=${`${scope} ${name}`} scope=${scope} org=${org} /><//>
		<//>
	<//>`;
}
