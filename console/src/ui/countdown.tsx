// SPDX-License-Identifier: Apache-2.0
// The time until a deadline, running.
import { useEffect, useState } from 'preact/hooks';

const two = (n: number) => String(n).padStart(2, '0');
export function remaining(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${two(minutes)} min` : `${minutes} min ${two(s % 60)} s`;
}

export function Countdown(props: { to: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => { const timer = setInterval(() => setNow(Date.now()), 1000); return () => clearInterval(timer); }, []);
  const at = new Date(props.to);
  return <time class="countdown" dateTime={props.to} title={at.toLocaleString()}>{remaining(at.getTime() - now)}</time>;
}
