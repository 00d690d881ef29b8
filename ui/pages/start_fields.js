// The fields of the form that starts a session: the template's parameters, then what every session may choose.

const UNIT = { Ki: 1 / 1024, Mi: 1, Gi: 1024, Ti: 1048576, k: 1000 / 1048576, M: 1e6 / 1048576, G: 1e9 / 1048576, T: 1e12 / 1048576, '': 1 / 1048576 };

// "500m" → 0.5, "2" → 2
const coresOf = (text) => (text?.endsWith('m') ? Number.parseFloat(text) / 1000 : Number.parseFloat(text));

// "2Gi" → 2048
function mibOf(text) {
	const found = /^([0-9.]+)([KMGT]i|[kMGT])?$/.exec(text || '');
	return found ? Math.round(Number(found[1]) * UNIT[found[2] || '']) : undefined;
}

const known = (number) => (Number.isFinite(number) ? number : undefined);

function bounds(min, max, unit) {
	if (min !== undefined && max !== undefined) {
		return `${min} to ${max} ${unit}`;
	}
	return max !== undefined ? `At most ${max} ${unit}` : undefined;
}

function parameterField(parameter) {
	const { name, type, label, description, required } = parameter;
	const help = [description, type === 'integer' ? bounds(parameter.min, parameter.max, '') : ''].filter(Boolean).join('. ');
	const field = {
		name: `parameter:${name}`, pointer: `/parameters/${name}`, label: label || name, help: help || undefined,
		required: required && type !== 'boolean', value: parameter.default === undefined ? undefined : parameter.default,
	};
	switch (type) {
	case 'integer':
		return { ...field, type: 'number', min: parameter.min, max: parameter.max, value: String(parameter.default ?? '') };
	case 'boolean':
		return { ...field, type: 'checkbox', value: parameter.default === true };
	case 'enum':
		return { ...field, type: 'select', options: parameter.values.map((value) => ({ value, label: value })) };
	default:
		return {
			...field, type: 'text', minLength: parameter.minLength, maxLength: parameter.maxLength ?? 1024, pattern: parameter.pattern,
			patternHelp: parameter.pattern && `has to look like ${parameter.pattern}`,
		};
	}
}

function homeField(spec, homes) {
	if (spec.persistentHome === false) {
		return null;
	}
	const options = [
		{ value: 'template', label: 'As usual: the home of this template' },
		...homes.map((home) => ({ value: `home:${home.name}`, label: `${home.name}${home.session ? ' (in use)' : ''}` })),
		{ value: 'none', label: 'None: files are lost at the end' },
	];
	return { name: 'home', label: 'Home', type: 'select', required: true, value: 'template', options, help: 'Where files are kept when the session ends.' };
}

function resourceFields({ resources = {} }) {
	const cpu = resources.cpu || {};
	const memory = resources.memory || {};
	return [
		(cpu.min || cpu.max) && {
			name: 'cores', pointer: '/resources/millicores', label: 'Processor cores', type: 'number', fraction: true, advanced: true,
			min: known(coresOf(cpu.min)), max: known(coresOf(cpu.max)), value: String(known(coresOf(cpu.default)) ?? ''),
			help: bounds(known(coresOf(cpu.min)), known(coresOf(cpu.max)), 'cores'),
		},
		(memory.min || memory.max) && {
			name: 'memory', pointer: '/resources/memory_mib', label: 'Memory in MiB', type: 'number', advanced: true,
			min: mibOf(memory.min), max: mibOf(memory.max), value: String(mibOf(memory.default) ?? ''),
			help: bounds(mibOf(memory.min), mibOf(memory.max), 'MiB'),
		},
	];
}

export function startFields(template, homes) {
	const { spec } = template;
	return [
		...(spec.parameters || []).map(parameterField),
		{ name: 'name', label: 'Name', maxLength: 200, placeholder: spec.displayName || template.name, help: 'So that you find it again.' },
		homeField(spec, homes),
		...resourceFields(spec),
		spec.platforms.length > 1 && {
			name: 'platform', pointer: '/placement/platform', label: 'Platform', type: 'select', advanced: true,
			options: [{ value: '', label: 'Any that has a place' }, ...spec.platforms.map((value) => ({ value }))],
		},
		{ name: 'region', pointer: '/placement/region', label: 'Region', maxLength: 100, advanced: true },
		{ name: 'idle', pointer: '/idle_seconds', label: 'Hibernate after minutes without input', type: 'number', min: 1, max: 525600, advanced: true, help: 'At most what the rules allow.' },
		{ name: 'longest', pointer: '/max_seconds', label: 'End after hours', type: 'number', min: 1, max: 8760, advanced: true, help: 'At most what the rules allow.' },
		{ name: 'tags', label: 'Tags', type: 'tags', advanced: true, help: 'Separated by spaces: small letters, digits and . _ : / -' },
	].filter(Boolean);
}

// What the form gives, as the body of POST /sessions; what was left open is left to the template.
export function startBody(template, values) {
	const parameters = {};
	for (const { name } of template.spec.parameters || []) {
		const value = values[`parameter:${name}`];
		if (value !== null && value !== undefined) {
			parameters[name] = value;
		}
	}
	const resources = {
		...(values.cores ? { millicores: Math.round(values.cores * 1000) } : {}),
		...(values.memory ? { memory_mib: values.memory } : {}),
	};
	const placement = {
		...(values.platform ? { platform: values.platform } : {}),
		...(values.region ? { region: values.region } : {}),
	};
	const home = { none: '', template: undefined }[values.home ?? 'template'];
	return {
		template: template.name,
		name: values.name || undefined,
		parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
		resources: Object.keys(resources).length > 0 ? resources : undefined,
		placement: Object.keys(placement).length > 0 ? placement : undefined,
		home: values.home?.startsWith('home:') ? values.home.slice(5) : home,
		idle_seconds: values.idle ? values.idle * 60 : undefined,
		max_seconds: values.longest ? values.longest * 3600 : undefined,
		tags: values.tags?.length > 0 ? values.tags : undefined,
	};
}
