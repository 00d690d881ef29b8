// htm bound to Preact: markup in template literals, without a build step.
import { h } from 'preact';
import htm from 'htm';

export const html = htm.bind(h);
