// The audit log: who did what, with filters, and whether anybody changed it since.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Dialog } from '../lib/dialog.js';
import { pretty } from '../lib/diff.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { OrgChoice, orgName, useOrg } from '../lib/org.js';
import { Badge, Empty, Facts, Page, Section, Time } from '../lib/page.js';
import { Filters, changeQuery } from '../lib/query.js';
import { Table } from '../lib/table.js';
import { Tabs } from '../lib/tabs.js';

// An empty org asks for what belongs to no organisation, so it has to be there.
const pathOf = (path, none) => (none ? `${path}?org=` : path);
const iso = (local) => (local ? new Date(local).toISOString() : undefined);

function Row({ row, onClose }) {
	return html`<${Dialog} title=${row.function} kind="wide" onClose=${onClose}>
		<div class="stack">
			<${Facts} items=${[['When', html`<${Time} at=${row.at}>${new Date(row.at).toLocaleString()}<//>`], ['Who', row.actor], ['Object', row.object], ['Result', row.result],
				['Organisation', row.org || 'none'], ['Login of the database', row.login], ['Idempotency key', row.request_id], ['Number', row.id]]} />
			<h3>Arguments</h3>
			<pre class="code" tabindex="0" role="region" aria-label="Arguments">${pretty(row.arguments)}</pre>
			<div class="dialog-actions">
				<button type="button" class="button" onClick=${() => changeQuery({ actor: row.actor, function: '', object: '' })}>All of ${row.actor}</button>
				${row.object && html`<button type="button" class="button" onClick=${() => changeQuery({ object: row.object, actor: '', function: '' })}>All of this object</button>`}
				<button type="button" class="button primary" onClick=${onClose}>Close</button></div>
		</div>
	<//>`;
}

function Log({ query, org, none }) {
	const [shown, setShown] = useState(null);
	const filter = { actor: query.get('actor'), function: query.get('function'), object: query.get('object'), since: iso(query.get('since')), until: iso(query.get('until')) };
	const list = useList(pathOf('/audit', none), { ...filter, org, limit: 200 });
	const columns = [
		{ key: 'at', label: 'When', render: (row) => html`<${Time} at=${row.at}>${when(row.at)}<//>` },
		{ key: 'actor', label: 'Who' },
		{ key: 'function', label: 'What', render: (row) => html`<code>${row.function}</code>` },
		{ key: 'object', label: 'Object', render: (row) => row.object || '–' },
		{ key: 'result', label: 'Result', render: (row) => html`<${Badge} tone=${row.result === 'ok' ? 'ok' : 'danger'}>${row.result}<//>` },
		{ key: 'more', label: 'Details', align: 'right actions', render: (row) => html`<button type="button" class="button small" aria-label=${`Details of ${row.function} ${row.id}`} onClick=${() => setShown(row)}>Details</button>` },
	];
	return html`<${Filters} query=${query} fields=${[{ name: 'actor', label: 'Who', placeholder: 'user:acme/ada' }, { name: 'function', label: 'What', placeholder: 'create_session' },
			{ name: 'object', label: 'Object', placeholder: 'id or name' }, { name: 'since', label: 'Since', type: 'datetime-local' }, { name: 'until', label: 'Until', type: 'datetime-local' }]} />
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<${Empty} icon="list" title="No row">None fits the filters. Names have to be whole: user:acme/ada, not ada.<//>`
			: html`<${Table} label="Audit" columns=${columns} rows=${list.items} keyOf=${(row) => row.id} list=${list} />`}
		${shown && html`<${Row} row=${shown} onClose=${() => setShown(null)} />`}`;
}

const MEANING = {
	row_altered: 'A row was altered', row_removed: 'A row was removed', row_planted: 'A row was planted', partition_missing: 'A month of rows is gone', seal_missing: 'A seal is gone',
	seal_altered: 'A seal was altered', seal_out_of_order: 'Seals do not follow each other', seal_out_of_range: 'A seal is out of range', mark_invalid: 'The mark of a retention is not valid',
	head_differs: 'A head that was given is another one here', head_missing: 'A head that was given is not here',
};

function Report({ report }) {
	const columns = [
		{ key: 'kind', label: 'Finding', render: (row) => MEANING[row.kind] || row.kind },
		{ key: 'seal', label: 'Seal', align: 'right', render: (row) => row.seal ?? '–' },
		{ key: 'audit_id', label: 'Row', align: 'right', render: (row) => row.audit_id ?? '–' },
		{ key: 'good_to', label: 'Good up to seal', align: 'right', render: (row) => row.good_to ?? '–' },
	];
	return html`<div class="stack" role="status">
		<p>${report.valid ? html`<${Badge} tone="ok">valid<//> Nothing was found: ${report.rows.toLocaleString()} rows in ${report.seals.toLocaleString()} seals are as they were sealed.`
			: html`<${Badge} tone="danger">not valid<//> <strong>${report.findings_total.toLocaleString()} findings.</strong> Somebody changed the log outside of the product. Keep a copy of the database before anything else.`}</p>
		${report.heads_matched === 0 && html`<p class="muted">No head from outside was compared: a log that was computed anew as a whole is not found this way. The server logs each head; keep that log elsewhere and paste heads from it above.</p>`}
		<${Facts} items=${[['Rows that are not sealed yet', report.unsealed], ['Seals', report.first_seal && `${report.first_seal} to ${report.last_seal}`], ['Heads that match', report.heads_matched],
			['Present head', report.head && html`<code>${report.head}</code>`]]} />
		${report.findings.length > 0 && html`<${Table} label="Findings" columns=${columns} rows=${report.findings.map((row, at) => ({ ...row, at }))} keyOf=${(row) => row.at} />`}
	</div>`;
}

function Verify({ org, none }) {
	const [report, setReport] = useState(null);
	const heads = useList(pathOf('/audit/heads', none), { org, limit: 200 });
	const fields = [
		{ name: 'expected_head', label: 'Heads from outside', type: 'textarea', rows: 2, help: 'As the server logged them, NUMBER:HASH, separated by blanks', pointer: '/expected_head' },
		{ name: 'first_seal', label: 'From seal', type: 'number', min: 1, max: 2147483647, advanced: true },
		{ name: 'last_seal', label: 'To seal', type: 'number', min: 1, max: 2147483647, advanced: true },
	];
	const verify = async (values) => setReport(await api.get(pathOf('/audit:verify', none), { ...values, expected_head: values.expected_head?.trim().replace(/\s+/g, ' '), org }));
	const columns = [
		{ key: 'sealed_at', label: 'Sealed', render: (row) => html`<${Time} at=${row.sealed_at}>${when(row.sealed_at)}<//>` },
		{ key: 'rows', label: 'Rows', align: 'right' }, { key: 'month', label: 'Month' }, { key: 'generation', label: 'Generation', align: 'right' },
		{ key: 'head', label: 'Head', render: (row) => html`<code>${row.head}</code>` },
	];
	return html`<${Section} title="Verify"><${Form} fields=${fields} submit="Verify" onSubmit=${verify} />${report && html`<${Report} report=${report} />`}<//>
		<${Section} title="Seals"><${ErrorBox} error=${heads.error} retry=${heads.refresh} />
			${heads.read && heads.items.length === 0 ? html`<p class="muted">Nothing is sealed yet.</p>`
				: html`<${Table} label="Seals" columns=${columns} rows=${heads.items} keyOf=${(row) => row.head} list=${heads} />`}<//>`;
}

export default function Audit({ query }) {
	const chosen = useOrg(query);
	const none = may('platform_admin') && query.get('of') === 'none';
	const tab = query.get('tab') === 'verify' ? 'verify' : 'log';
	return html`<${Page} title="Audit" wide lead=${`Every change, whoever made it, ${none ? 'of what belongs to no organisation' : `in organisation ${orgName(chosen)}`}.`}>
		<div class="toolbar filters">${!none && html`<${OrgChoice} org=${chosen} />`}
			${may('platform_admin') && html`<label class="check"><input type="checkbox" checked=${none} onChange=${(event) => changeQuery({ of: event.target.checked ? 'none' : '' })} />
				<span>What belongs to no organisation</span></label>`}</div>
		<${Tabs} label="Parts of the audit" value=${tab} options=${[['log', 'Log'], ['verify', 'Verify']]} onChange=${(value) => changeQuery({ tab: value === 'log' ? '' : value })}>
			${tab === 'log' ? html`<${Log} query=${query} org=${none ? undefined : chosen} none=${none} />`
				: html`<${Verify} key=${`${none} ${chosen}`} org=${none ? undefined : chosen} none=${none} />`}<//>
	<//>`;
}
