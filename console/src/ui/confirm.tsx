// SPDX-License-Identifier: Apache-2.0
// A question before something that cannot be taken back.
import type { ComponentChildren } from 'preact';
import { Button, Dialog } from './basics';

export const Confirm = (props: { title: string; button: string; onYes: () => unknown; onClose: () => void; children: ComponentChildren }) => (
  <Dialog title={props.title} onClose={props.onClose}>
    <div>{props.children}</div>
    <div class="row">
      <Button kind="danger" onClick={async () => { await props.onYes(); props.onClose(); }}>{props.button}</Button>
      <button type="button" onClick={props.onClose}>Keep</button>
    </div>
  </Dialog>
);
