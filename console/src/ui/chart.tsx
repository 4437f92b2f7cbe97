// SPDX-License-Identifier: Apache-2.0
// Lines over time on uPlot. Colours are the sheet's variables, read when the theme changes.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';

export interface Line { name: string; colour: string; points: (number | null)[] }

const colourOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// times in seconds; colour is the name of a variable of the sheet ("--good"). What the lines say in words
// belongs into label: a screen reader has nothing else.
export function Chart(props: { label: string; times: number[]; lines: Line[]; height?: number; unit?: (n: number) => string; bare?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [props.times, ...props.lines.map((line) => line.points)] as uPlot.AlignedData;
  const shape = props.lines.map((line) => line.name + line.colour).join();
  useEffect(() => {
    const element = box.current!;
    const build = () => {
      plot.current?.destroy();
      const axis = { stroke: colourOf('--soft'), grid: { stroke: colourOf('--line'), width: 1 }, ticks: { show: false } };
      plot.current = new uPlot({
        width: element.clientWidth, height: props.height ?? 200, legend: { show: !props.bare, live: true }, cursor: { drag: { x: false, y: false } },
        axes: props.bare ? [{ show: false }, { show: false }] : [{ ...axis }, { ...axis, size: 56, values: (_, ticks) => ticks.map((n) => (props.unit ? props.unit(n) : n.toLocaleString('en', { notation: 'compact' }))) }],
        scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
        series: [{}, ...props.lines.map((line) => ({ label: line.name, stroke: colourOf(line.colour), width: 1.5, points: { show: false } }))],
      }, data, element);
    };
    build();
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: props.height ?? 200 }));
    sized.observe(element);
    const themed = new MutationObserver(build);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => { sized.disconnect(); themed.disconnect(); plot.current?.destroy(); plot.current = null; };
  }, [shape]);
  useEffect(() => { plot.current?.setData(data); }, [props.times, props.lines]);
  return <div class="chart" ref={box} role="img" aria-label={props.label} />;
}
