// SPDX-License-Identifier: Apache-2.0
// The lines to paste for a source, with its key in them and the address that senders reach pixeld at.
import { useState } from 'preact/hooks';
import { get } from '../api';
import { status, useLoad } from '../state';
import { Code, Field, Loading, Notice, Tabs } from '../ui/basics';

const KEPT = 'public-address';

// Where senders reach us: what somebody said here before, else the address that pixeld listens on.
export function usePublicAddress(): [string, (url: string) => void] {
  const [url, setUrl] = useState(localStorage.getItem(KEPT) ?? '');
  const listens = (status.value?.public ?? '').replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${location.hostname}`);
  return [url || listens, (next) => { setUrl(next); localStorage.setItem(KEPT, next); }];
}

export function Snippets(props: { source: string; protocol: string }) {
  const [url, setUrl] = usePublicAddress();
  const asked = /^https?:\/\/[^/\s]+/.test(url) ? url.replace(/\/+$/, '') : '';
  const loaded = useLoad(() => get('/api/v1/snippets', { source: props.source, url: asked }), [props.source, asked, props.protocol]);
  const [picked, pick] = useState('');
  return (
    <div class="stack tight">
      <Field label="Address that senders reach pixeld at" value={url} onInput={setUrl} placeholder="https://t.shop.example" error={asked ? undefined : 'An address begins with https://'}
        hint="Behind a proxy with TLS this is a host name of your own site; it stands in the lines below." />
      {props.protocol === 'webhook' && <><p>The sender posts to:</p><Code text={`${asked}/webhook/${props.source}`} label="address for the webhook" /></>}
      <Loading of={loaded}>{({ snippets }) => {
        if (!snippets.length) return props.protocol === 'webhook' ? null : <Notice>There are no lines to paste for this protocol: it is spoken by the sender’s own set-up.</Notice>;
        const at = snippets.find((s) => s.title === picked) ?? snippets[0]!;
        return (
          <div>
            <Tabs names={snippets.map((s) => s.title)} at={at.title} onPick={pick} />
            {at.needs && <p class="small soft">Needs {at.needs}</p>}
            <Code text={at.text} label={at.title} />
          </div>
        );
      }}</Loading>
    </div>
  );
}
