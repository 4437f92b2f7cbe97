// SPDX-License-Identifier: Apache-2.0
// A table of any length: only the rows in sight are in the document. Arrows, Page and Home/End move the
// chosen row, Enter opens it. Rows that come in at the top do not move what one is reading.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import './table.css';

export interface Column<Row> {
  name: string;
  width: string; // as a grid track: 'minmax(120px, 1fr)'
  cell: (row: Row) => ComponentChildren;
  number?: boolean;
  spare?: boolean; // left out on a telephone
}

const ROW_PX = 34;
const BEYOND = 6; // rows kept ready above and below

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => number | string;
  onOpen?: (row: Row) => void;
  onSight?: (rows: Row[]) => void; // told which rows are in sight, at each drawing
}

// What part of the table is in sight.
function useWindow(box: { current: HTMLDivElement | null }, total: number) {
  const [view, setView] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const element = box.current!;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const sized = new ResizeObserver(look);
    element.addEventListener('scroll', look, { passive: true });
    sized.observe(element);
    return () => { element.removeEventListener('scroll', look); sized.disconnect(); };
  }, []);
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - BEYOND);
  return { first, end: Math.min(total, Math.ceil((view.top + view.height) / ROW_PX) + BEYOND), page: Math.max(1, Math.floor(view.height / ROW_PX) - 2) };
}

// Keeps the row at the upper edge where it is when others come in above it, unless one reads at the top.
function useAnchor<Row>(box: { current: HTMLDivElement | null }, props: Props<Row>) {
  const anchor = useRef<{ key: number | string; offset: number } | null>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    const was = anchor.current;
    if (was && element.scrollTop > 0) {
      const now = props.rows.findIndex((row) => props.keyOf(row) === was.key);
      if (now >= 0) element.scrollTop = now * ROW_PX + was.offset;
    }
  }, [props.rows]);
  return () => {
    const element = box.current!;
    const at = Math.floor(element.scrollTop / ROW_PX);
    const row = props.rows[at];
    anchor.current = row ? { key: props.keyOf(row), offset: element.scrollTop - at * ROW_PX } : null;
  };
}

const telephone = window.matchMedia('(max-width: 600px)');
function useTelephone(): boolean {
  const [is, set] = useState(telephone.matches);
  useEffect(() => {
    const look = () => set(telephone.matches);
    telephone.addEventListener('change', look);
    return () => telephone.removeEventListener('change', look);
  }, []);
  return is;
}

// What the tracks need at the least; with less room one scrolls sideways.
const leastOf = (columns: { width: string }[]) => columns.reduce((sum, { width }) => sum + parseInt(width.replace('minmax(', ''), 10), 0);

export function Table<Row>(props: Props<Row>) {
  const { rows, keyOf } = props;
  const small = useTelephone();
  const columns = useMemo(() => props.columns.filter((column) => !small || !column.spare), [props.columns, small]);
  const box = useRef<HTMLDivElement>(null);
  const [chosen, choose] = useState<number | string | null>(null);
  const sight = useWindow(box, rows.length);
  const keepAnchor = useAnchor(box, props);
  const tracks = useMemo(() => ({ gridTemplateColumns: columns.map((column) => column.width).join(' '), minWidth: `${leastOf(columns)}px` }), [columns]);
  const inSight = rows.slice(sight.first, sight.end);
  useEffect(() => props.onSight?.(inSight));
  const index = chosen === null ? -1 : rows.findIndex((row) => keyOf(row) === chosen);

  const move = (to: number) => {
    const at = Math.min(rows.length - 1, Math.max(0, to));
    const element = box.current!;
    if (!rows[at]) return;
    choose(keyOf(rows[at]));
    const head = ROW_PX; // the head covers the first row's place
    if (at * ROW_PX < element.scrollTop) element.scrollTop = at * ROW_PX;
    else if ((at + 1) * ROW_PX + head > element.scrollTop + element.clientHeight) element.scrollTop = (at + 1) * ROW_PX + head - element.clientHeight;
  };
  const steps: Record<string, number> = {
    ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + sight.page, PageUp: index - sight.page, Home: 0, End: rows.length - 1,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (event.target !== box.current || event.altKey || event.ctrlKey || event.metaKey) return;
    if (step !== undefined) move(step);
    else if (event.key === 'Enter' && rows[index]) props.onOpen?.(rows[index]);
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, row: Row) => {
    choose(keyOf(row));
    if (!(event.target as Element).closest('a, button')) props.onOpen?.(row);
  };

  return (
    <div ref={box} class="grid-table" role="grid" tabIndex={0} aria-label={props.label} aria-rowcount={rows.length + 1} aria-colcount={columns.length}
      aria-activedescendant={index >= sight.first && index < sight.end ? `row-${chosen}` : undefined} onKeyDown={onKeyDown} onScroll={keepAnchor}>
      <div class="grid-head" role="rowgroup">
        <div class="grid-row" role="row" aria-rowindex={1} style={tracks}>
          {columns.map((column) => <div key={column.name} role="columnheader" class={column.number ? 'number' : ''}>{column.name}</div>)}
        </div>
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: rows.length * ROW_PX }}>
        {inSight.map((row, i) => (
          <div key={keyOf(row)} id={`row-${keyOf(row)}`} role="row" aria-rowindex={sight.first + i + 2} aria-selected={keyOf(row) === chosen}
            class={`grid-row ${props.onOpen ? 'link' : ''}`} onClick={(event) => onClick(event, row)}
            style={{ ...tracks, transform: `translateY(${(sight.first + i) * ROW_PX}px)` }}>
            {columns.map((column) => <div key={column.name} role="gridcell" class={column.number ? 'number' : ''}>{column.cell(row)}</div>)}
          </div>
        ))}
      </div>
    </div>
  );
}
