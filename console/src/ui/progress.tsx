// SPDX-License-Identifier: Apache-2.0
// How far something is, as a bar with its number.
import { percent } from './format';

export const Progress = (props: { label: string; value: number; most: number }) => (
  <div class="row" role="progressbar" aria-label={props.label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={props.most ? Math.round((100 * props.value) / props.most) : 0}>
    <div class="bar grow"><i style={{ width: `${props.most ? Math.min(100, (100 * props.value) / props.most) : 0}%` }} /></div>
    <span class="number">{percent(props.value, props.most)}</span>
  </div>
);
