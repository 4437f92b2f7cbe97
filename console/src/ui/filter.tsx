// SPDX-License-Identifier: Apache-2.0
// A field that holds one of the address's filters; it takes effect when one stops typing.
import { useEffect, useRef, useState } from 'preact/hooks';
import { query, setQuery } from '../route';
import { Field } from './basics';

const PAUSE_MS = 350;

export function Filter(props: { label: string; name: string; placeholder?: string }) {
  const inAddress = query.value.get(props.name) ?? '';
  const [text, setText] = useState(inAddress);
  const timer = useRef(0);
  useEffect(() => { setText(inAddress); }, [inAddress]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setQuery({ [props.name]: value.trim() }), PAUSE_MS);
  };
  return <Field label={props.label} value={text} placeholder={props.placeholder} onInput={type} />;
}
