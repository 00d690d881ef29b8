// A new template: its name, and a spec that begins with an example.
import { useRef, useState } from 'preact/hooks';
import { pretty } from '../lib/diff.js';
import { html } from '../lib/html.js';
import { orgLink, orgName, useOrg } from '../lib/org.js';
import { Page, Section } from '../lib/page.js';
import { navigate } from '../lib/router.js';
import { SpecEditor } from '../lib/template_editor.js';

const EXAMPLES = {
	process: { displayName: 'Terminal', description: 'A terminal', category: 'Tools', platforms: ['process'], command: ['xterm'], resources: { cpu: { default: '500m' }, memory: { default: '512Mi' } } },
	kubernetes: { displayName: 'Firefox', description: 'A browser', category: 'Browsers', platforms: ['kubernetes'], baseImage: 'registry.example/firefox:1',
		vnc: { enabled: true, port: 5900 }, resources: { cpu: { default: '1', max: '4' }, memory: { default: '2Gi', max: '8Gi' } } },
};

export default function NewTemplate({ query }) {
	const org = useOrg(query);
	const [kind, setKind] = useState('process');
	const name = useRef(null);
	return html`<${Page} title="New template" lead=${`In organisation ${orgName(org)}. All its users see it, until you keep it for groups.`}
		back=${{ href: orgLink('/admin/templates', org), label: 'Templates' }}>
		<${Section} title="Template">
			<div class="pair">
				<label class="field"><span class="label">Template name</span>
					<input type="text" ref=${name} spellcheck="false" autocapitalize="none" autocomplete="off" />
					<span class="help">Lower-case letters, digits and hyphens; it stays</span></label>
				<label class="field"><span class="label">Begin with an example for</span>
					<select value=${kind} onChange=${(event) => setKind(event.target.value)}>
						<option value="process">machines (process)</option><option value="kubernetes">Kubernetes</option></select></label>
			</div>
			<${SpecEditor} key=${kind} name=${() => name.current.value.trim()} org=${org} template=${null} start=${pretty(EXAMPLES[kind])}
				onSaved=${(template) => navigate(orgLink(`/admin/templates/${template.name}`, org))} />
		<//>
	<//>`;
}
