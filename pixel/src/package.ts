// SPDX-License-Identifier: Apache-2.0
// The pixel for bundlers: nothing happens until the page calls start.
export { start } from './start';
