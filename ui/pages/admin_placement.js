// Why a session runs where it runs, or waits; and where one would run that is not made yet.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Form } from '../lib/form.js';
import { html } from '../lib/html.js';
import { OrgChoice, useOrg } from '../lib/org.js';
import { Page, Section } from '../lib/page.js';
import { Placement, PlacementOf } from '../lib/placement.js';
import { Filters } from '../lib/query.js';

const FIELDS = [
	{ name: 'template', label: 'Template', type: 'text', required: true },
	{ name: 'owner', label: 'Owner', type: 'text', help: 'Empty: yourself' },
	{ name: 'millicores', label: 'Processor, in thousandths of a core', type: 'number', min: 1, max: 2147483647, help: 'Empty: as the template says', pointer: '/resources/millicores' },
	{ name: 'memory_mib', label: 'Memory, in MiB', type: 'number', min: 1, max: 2147483647, help: 'Empty: as the template says', pointer: '/resources/memory_mib' },
	{ name: 'platform', label: 'Platform', type: 'select', options: ['process', 'kubernetes', 'docker'].map((value) => ({ value, label: value })), advanced: true, pointer: '/placement/platform' },
	{ name: 'region', label: 'Region', type: 'text', advanced: true, pointer: '/placement/region' },
	{ name: 'labels', label: 'Labels', type: 'tags', help: 'name=value, separated by blanks', advanced: true, pointer: '/placement/labels' },
	{ name: 'agent', label: 'Agent', type: 'text', advanced: true, pointer: '/placement/agent' },
];

const some = (object) => (Object.values(object).some((value) => value !== null && value !== undefined) ? object : undefined);

function question({ template, owner, millicores, memory_mib: memory, platform, region, labels, agent }, org) {
	const pairs = labels.map((label) => [label.split('=')[0], label.split('=').slice(1).join('=')]);
	return { template, owner, org, resources: some({ millicores, memory_mib: memory }),
		placement: some({ platform, region, agent, labels: pairs.length > 0 ? Object.fromEntries(pairs) : undefined }) };
}

export default function PlacementPage({ query }) {
	const org = useOrg(query);
	const session = query.get('session');
	const [answer, setAnswer] = useState(null);
	return html`<${Page} title="Placement" lead="For every agent the first thing that keeps a session from it.">
		<${Filters} query=${query} fields=${[{ name: 'session', label: 'Id of a session', placeholder: 's-…' }]}><${OrgChoice} org=${org} /><//>
		${session ? html`<${Section} title=${session}><${PlacementOf} key=${session} session=${session} /><//>`
			: html`<${Section} title="A session that is not made yet">
				<${Form} fields=${FIELDS} submit="Explain" onSubmit=${async (values) => setAnswer(await api.post('/placement:explain', question(values, org)))} />
				${answer && html`<${Placement} answer=${answer} />`}<//>`}
	<//>`;
}
