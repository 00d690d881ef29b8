// One template: its spec, its revisions, who sees it, when its sessions stop.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { AskFirst, ChangeDialog } from '../lib/change.js';
import { Dialog } from '../lib/dialog.js';
import { Diff, pretty } from '../lib/diff.js';
import { ErrorBox } from '../lib/error_box.js';
import { person, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch, useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { orgLink, orgName, useOrg } from '../lib/org.js';
import { Badge, Page, Section, Spinner } from '../lib/page.js';
import { PolicySection } from '../lib/policy.js';
import { changeQuery } from '../lib/query.js';
import { navigate } from '../lib/router.js';
import { Table } from '../lib/table.js';
import { Tabs } from '../lib/tabs.js';
import { SpecEditor } from '../lib/template_editor.js';
import { notify } from '../lib/toast.js';

const pathOf = (name) => `/templates/${encodeURIComponent(name)}`;

function Spec({ template, org, editable, set, refresh }) {
	const [editing, setEditing] = useState(false);
	if (editing) {
		return html`<${Section} title=${`Edit ${template.name}`}><${SpecEditor} name=${() => template.name} org=${org} template=${template}
			onCancel=${() => {
				setEditing(false);
				refresh();
			}} onSaved=${(saved) => {
				set(saved);
				setEditing(false);
			}} /><//>`;
	}
	return html`<${Section} title=${`Spec of revision ${template.revision}`} actions=${editable && html`<button type="button" class="button primary" onClick=${() => setEditing(true)}>Edit</button>`}>
		${template.managed && html`<p class="muted">The platform keeps this copy up to date; it cannot be changed here.</p>`}
		<pre class="code" tabindex="0" role="region" aria-label="Spec">${pretty(template.spec)}</pre>
	<//>`;
}

function RevisionDialog({ revision, template, org, editable, set, onClose }) {
	const { data: old, error } = useFetch(pathOf(template.name), { org, revision: revision.revision });
	const [failure, setFailure] = useState(null);
	const back = async () => {
		try {
			const saved = await api.put(pathOf(template.name), old.spec, { query: { org }, ifRevision: template.revision });
			notify(`Saved as revision ${saved.revision}`);
			set(saved);
			onClose();
		} catch (problem) {
			setFailure(problem);
		}
	};
	return html`<${Dialog} title=${`Revision ${revision.revision} of ${template.name}`} kind="wide" onClose=${onClose}>
		<div class="stack">
			<${ErrorBox} error=${error || failure} />
			${!old && !error && html`<${Spinner} />`}
			${old && (old.revision === template.revision ? html`<pre class="code" tabindex="0" role="region" aria-label="Spec">${pretty(old.spec)}</pre>`
				: html`<p>What it takes to get from the newest revision (${template.revision}) to this one:</p>
					<${Diff} label="Differences" before=${pretty(template.spec)} after=${pretty(old.spec)} />`)}
			<div class="dialog-actions"><button type="button" class="button" onClick=${onClose}>Close</button>
				${old && editable && old.revision !== template.revision && html`<button type="button" class="button primary" onClick=${back}>Make this the newest again</button>`}</div>
		</div>
	<//>`;
}

function Revisions({ template, org, editable, set }) {
	const list = useList(`${pathOf(template.name)}/revisions`, { org, limit: 200 });
	const [shown, setShown] = useState(null);
	const columns = [
		{ key: 'revision', label: 'Revision', render: (row) => (row.revision === template.revision ? html`${row.revision} <${Badge} tone="ok">newest<//>` : row.revision) },
		{ key: 'created_at', label: 'Made', render: (row) => when(row.created_at) },
		{ key: 'created_by', label: 'By', render: (row) => (row.created_by ? person(row.created_by) : '–') },
		{ key: 'platforms', label: 'Platforms', render: (row) => row.platforms.join(', ') },
		{ key: 'actions', label: 'Actions', align: 'right actions', render: (row) => html`<button type="button" class="button small" aria-label=${`${row.revision === template.revision ? 'Show' : 'Compare'} revision ${row.revision}`}
			onClick=${() => setShown(row)}>${row.revision === template.revision ? 'Show' : 'Compare'}</button>` },
	];
	return html`<${Section} title="Revisions">
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		<${Table} label="Revisions" columns=${columns} rows=${list.items} keyOf=${(row) => row.revision} list=${list} />
		${shown && html`<${RevisionDialog} revision=${shown} template=${template} org=${org} editable=${editable} set=${set} onClose=${() => setShown(null)} />`}
	<//>`;
}

const names = (words) => String(words ?? '').split(/[\s,]+/).filter(Boolean);

function Access({ template, org, set: setTemplate }) {
	const { data: access, error, refresh, set } = useFetch(`${pathOf(template.name)}/access`, { org });
	const [asked, setAsked] = useState(null);
	const editable = may('platform_admin', 'org_admin');
	const close = () => setAsked(null);
	const done = (changed) => {
		set(changed);
		setTemplate({ ...template });
		notify('Who sees it is changed');
	};
	const shown = (value) => (value === null || value === undefined ? 'everybody' : value.length === 0 ? 'nobody else' : value.join(', '));
	return html`<${Section} title="Who sees it">
		<${ErrorBox} error=${error} retry=${refresh} />
		${!access && !error && html`<${Spinner} />`}
		${access && html`
			<div class="row apart"><p>${access.groups === null ? html`<strong>Everybody</strong> of the organisation.`
				: access.groups.length === 0 ? html`<strong>Nobody</strong> but those who administer, operate or audit the organisation.`
					: html`Members of ${access.groups.map((group, at) => html`${at > 0 && ', '}<a key=${group} href=${orgLink(`/admin/groups/${group}`, org)}>${group}</a>`)}.`}</p>
				${editable && html`<button type="button" class="button small" onClick=${() => setAsked('groups')}>Change</button>`}</div>
			${access.published_to && !access.managed && html`<div class="row apart"><p>${access.published_to.length === 0 ? 'No other organisation has a copy.'
				: html`Copies in <strong>${access.published_to.join(', ')}</strong>.`}</p>
				<button type="button" class="button small" onClick=${() => setAsked('orgs')}>Publish</button></div>`}`}
		${asked === 'groups' && html`<${ChangeDialog} title=${`Who sees ${template.name}`} before=${{ groups: access.groups, revision: access.revision }} onDone=${done} onClose=${close}
			fields=${[{ name: 'whom', label: 'Shown to', type: 'select', required: true, options: [{ value: 'all', label: 'everybody of the organisation' }, { value: 'groups', label: 'members of groups' }] },
				{ name: 'groups', label: 'Groups', type: 'text', help: 'Names, separated by blanks; none: nobody else', hidden: (values) => values.whom !== 'groups' }]}
			initial=${{ whom: access.groups ? 'groups' : 'all', groups: (access.groups || []).join(' ') }} labels=${{ groups: 'Groups' }} shown=${shown}
			lead="Who loses it cannot start it any more; sessions that there are go on."
			call=${async (values, options) => pick(await api.put(`${pathOf(template.name)}/access`, { groups: values.whom === 'all' ? null : names(values.groups) }, { ...options, query: { org } }), options, ['groups', 'revision'])} />`}
		${asked === 'orgs' && html`<${ChangeDialog} title=${`Publish ${template.name}`} before=${{ published_to: access.published_to, revision: access.revision }} onDone=${done} onClose=${close}
			fields=${[{ name: 'orgs', label: 'Organisations', type: 'text', help: 'Exactly these hold a copy afterwards; others lose theirs. Separated by blanks' }]}
			initial=${{ orgs: access.published_to.join(' ') }} labels=${{ published_to: 'Copies in' }}
			lead="A copy follows every change of this template and its deletion, and cannot be changed where it lies."
			call=${async (values, options) => pick(await api.post(`${pathOf(template.name)}:publish`, { orgs: names(values.orgs) }, { ...options, query: { org } }), options, ['published_to', 'revision'])} />`}
	<//>`;
}

// Of a dry run only what the dialog is about, so that nothing else looks like a change.
const pick = (answer, { dryRun }, keys) => (dryRun ? Object.fromEntries(keys.map((key) => [key, answer[key]])) : answer);

const TABS = [['spec', 'Spec'], ['revisions', 'Revisions'], ['access', 'Access'], ['policy', 'Policy']];

export default function Template({ params, query }) {
	const org = useOrg(query);
	const { data: template, error, refresh, set } = useFetch(pathOf(params.name), { org });
	const [deleting, setDeleting] = useState(false);
	const admin = may('platform_admin', 'org_admin');
	const editable = admin && template && !template.managed;
	const tab = TABS.some(([key]) => key === query.get('tab')) ? query.get('tab') : 'spec';
	const Shown = { spec: Spec, revisions: Revisions, access: Access }[tab];
	return html`<${Page} title=${template?.spec.displayName || params.name} lead=${template?.spec.description} back=${{ href: orgLink('/admin/templates', org), label: 'Templates' }}
		badge=${template && html`<span class="row"><code>${template.name}</code><${Badge}>revision ${template.revision}<//>${template.managed && html`<${Badge}>kept by the platform<//>`}</span>`}
		actions=${editable && html`<button type="button" class="button danger" onClick=${() => setDeleting(true)}>Delete</button>`}>
		<${ErrorBox} error=${error} retry=${refresh} />
		${!template && !error && html`<${Spinner} />`}
		${template && html`<${Tabs} label=${`Parts of ${template.name}`} value=${tab} options=${TABS} onChange=${(value) => changeQuery({ tab: value === 'spec' ? '' : value })}>
			${tab === 'policy' ? html`<${PolicySection} title="When its sessions stop" scope="template" name=${template.name} org=${orgName(org)} editable=${admin}
					lead="Comes before policies of users, groups and the organisation." />`
				: html`<${Shown} template=${template} org=${org} editable=${editable} set=${set} refresh=${refresh} />`}<//>`}
		${deleting && html`<${AskFirst} title=${`Delete ${template.name}`} action="Delete" word=${template.name} onClose=${() => setDeleting(false)}
			preview=${() => api.del(pathOf(template.name), undefined, { query: { org }, dryRun: true })}
			perform=${() => api.del(pathOf(template.name), undefined, { query: { org }, ifRevision: template.revision })}
			onDone=${() => {
				notify(`${template.name} is deleted`);
				navigate(orgLink('/admin/templates', org));
			}}>
			${() => html`<p>No session can be made from it any more, here and from its copies in other organisations. Sessions that there are keep what they need.</p>
				<p class="muted">A template that is put under its name later goes on with a new revision.</p>`}
		<//>`}
	<//>`;
}
