// One group: members, limits, policy.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { AskFirst, ChangeDialog } from '../lib/change.js';
import { Confirm } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch, useList } from '../lib/list.js';
import { ROLES, may } from '../lib/me.js';
import { AddMember } from '../lib/members.js';
import { orgLink, useOrg } from '../lib/org.js';
import { Badge, Page, Section, Spinner } from '../lib/page.js';
import { PolicySection } from '../lib/policy.js';
import { QuotaSection } from '../lib/quota.js';
import { navigate } from '../lib/router.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

function Members({ group, org, editable, onChange }) {
	const list = useList(`/groups/${group.name}/members`, { org, limit: 200 });
	const [leaving, setLeaving] = useState(null);
	const columns = [
		{ key: 'user', label: 'User', render: (member) => html`<a href=${orgLink(`/admin/users/${member.user}`, org)}>${member.user}</a>` },
		{ key: 'display_name', label: 'Name' },
		{ key: 'role', label: 'Role', render: (member) => ROLES[member.role] },
		{ key: 'active', label: 'State', render: (member) => html`<${Badge} tone=${member.active ? 'ok' : 'danger'}>${member.active ? 'active' : 'deactivated'}<//>` },
		{ key: 'added_at', label: 'Since', render: (member) => when(member.added_at) },
		...(editable ? [{ key: 'actions', label: 'Actions', align: 'right actions', render: (member) => html`<button type="button" class="button small"
			aria-label=${`Take out ${member.user}`} onClick=${() => setLeaving(member)}>Take out</button>` }] : []),
	];
	const changed = () => {
		list.refresh();
		onChange();
	};
	return html`<${Section} title="Members">
		${editable && html`<${AddMember} label="User name" org=${org} group=${() => group.name} user=${(name) => name} onDone=${changed} />`}
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<p class="muted">Nobody is in it.</p>`
			: html`<${Table} label="Members" columns=${columns} rows=${list.items} keyOf=${(member) => member.user} list=${list} />`}
		${leaving && html`<${Confirm} title=${`Take ${leaving.user} out of ${group.name}`} action="Take out" danger onClose=${() => setLeaving(null)}
			onConfirm=${async () => {
				await api.del(`/groups/${group.name}/members/${leaving.user}`, undefined, { query: { org } });
				changed();
			}}><p>What the group shares with its members, and templates that are kept for it, are gone for ${leaving.user} at once. Sessions stay.</p><//>`}
	<//>`;
}

export default function Group({ params, query }) {
	const org = useOrg(query);
	const path = `/groups/${encodeURIComponent(params.name)}`;
	const { data: group, error, refresh, set } = useFetch(path, { org });
	const [asked, setAsked] = useState(null);
	const editable = may('platform_admin', 'org_admin');
	// What a dialog was about may have been changed by somebody else: look again when it closes.
	const close = () => {
		setAsked(null);
		refresh();
	};
	return html`<${Page} title=${params.name} lead=${group?.display_name} back=${{ href: orgLink('/admin/groups', org), label: 'Groups' }}
		actions=${group && editable && html`<button type="button" class="button" onClick=${() => setAsked('name')}>Change name</button>
			<button type="button" class="button danger" onClick=${() => setAsked('delete')}>Delete</button>`}>
		<${ErrorBox} error=${error} retry=${refresh} />
		${!group && !error && html`<${Spinner} />`}
		${group && html`<${Members} group=${group} org=${org} editable=${editable} onChange=${refresh} />
			<${QuotaSection} title="Limits" scope="group" name=${group.name} org=${org} editable=${editable}
				lead="For all members together. A session counts for the groups that its owner was in when it was made." />
			<${PolicySection} title="When sessions stop" scope="group" name=${group.name} org=${org} editable=${editable}
				lead="Of several groups the strictest counts; a policy of the user or the template comes before." />`}
		${asked === 'name' && html`<${ChangeDialog} title=${`Change ${group.name}`} before=${group} initial=${group} labels=${{ display_name: 'Name' }}
			fields=${[{ name: 'display_name', label: 'Name', type: 'text', maxLength: 200 }]} onClose=${close} onDone=${set}
			call=${(values, options) => api.put(path, { display_name: values.display_name ?? '' }, { ...options, query: { org } })} />`}
		${asked === 'delete' && html`<${AskFirst} title=${`Delete ${group.name}`} action="Delete" onClose=${close}
			preview=${() => api.del(path, undefined, { query: { org }, dryRun: true })} perform=${() => api.del(path, undefined, { query: { org }, ifRevision: group.revision })}
			onDone=${() => {
				notify(`${group.name} is deleted`);
				navigate(orgLink('/admin/groups', org));
			}}>
			${(was) => html`<p>The group goes, with ${was.members === 1 ? 'its one membership' : `its ${was.members} memberships`} and its limits. The members stay users.</p>`}
		<//>`}
	<//>`;
}
