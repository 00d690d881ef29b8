// The packages of package-lock.json, which scripts/npm-ci keeps outside the tree.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const HERE = fileURLToPath(new URL('..', import.meta.url));

const folder = execFileSync(`${ROOT}scripts/npm-ci`, [HERE], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const load = createRequire(`${folder}/`);

export const { chromium } = load('playwright-core');
export const axeSource = () => readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');
