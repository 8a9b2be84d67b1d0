// Draws the figures of components/charts.html with ECharts; the table beside each needs no script.
"use strict";

(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const INK = colour("--ink-soft", "#55616b");
  const LINE = colour("--line", "#dde2e1");
  const SHADES = [colour("--accent", "#0b5a75"), "#7a4f00", "#146c2e"];
  const SYMBOLS = ["circle", "rect", "triangle"];

  const NARROW = 420;
  const DASH = "path://M0,4 h8 v2 h-8 z M12,4 h8 v2 h-8 z"; // a reference line in the legend

  const words = (axis) => (value) => (axis.percent ? `${Math.round(value * 100)}%` : `${value}`);

  function axisOf(axis, isVertical) {
    return {
      type: axis.log ? "log" : "value",
      name: axis.name,
      nameLocation: "middle",
      nameGap: isVertical ? 44 : 30,
      nameTextStyle: { color: INK },
      min: axis.min,
      max: axis.max,
      axisLabel: { formatter: words(axis), color: INK },
      splitLine: { lineStyle: { color: LINE } },
    };
  }

  const shadeOf = (one, position) =>
    one.as === "reference" ? INK : SHADES[position % SHADES.length];

  function seriesOf(one, position) {
    const shade = shadeOf(one, position);
    return {
      name: one.name,
      type: one.as === "dots" ? "scatter" : "line",
      data: one.points.map((point) => point.slice(0, 2)),
      symbol: one.as === "reference" ? "none" : SYMBOLS[position % SYMBOLS.length],
      symbolSize: 9,
      lineStyle: { color: shade, width: 2, type: one.as === "reference" ? "dashed" : "solid" },
      itemStyle: { color: shade },
      animation: false,
    };
  }

  // Intervals as one short line each: visible in print, and not by colour alone.
  function intervalsOf(one, position) {
    const shade = shadeOf(one, position);
    return one.points
      .filter((point) => point.length === 4 && point[2] !== null)
      .map(([x, , low, high]) => ({
        type: "line",
        data: [[x, low], [x, high]],
        symbol: "none",
        lineStyle: { color: shade, width: 1.5 },
        silent: true,
        animation: false,
        tooltip: { show: false },
      }));
  }

  function entryOf(one) {
    return one.as === "reference" ? { name: one.name, icon: DASH } : { name: one.name };
  }

  // A point in words: both figures, and the interval of the second.
  function wordsOf(spec) {
    const figure = (value, axis) => {
      if (axis.percent) return `${(value * 100).toFixed(1)}%`;
      return Number.isInteger(value) ? `${value}` : value.toFixed(3);
    };
    return ({ seriesIndex, dataIndex }) => {
      const [x, y, low, high] = spec.series[seriesIndex].points[dataIndex];
      const interval = typeof low === "number" && typeof high === "number"
        ? ` [${figure(low, spec.y)}, ${figure(high, spec.y)}]` : "";
      return `${spec.x.name}: ${figure(x, spec.x)}\n${spec.y.name}: ${figure(y, spec.y)}${interval}`;
    };
  }

  function draw(place) {
    const spec = JSON.parse(place.dataset.chart);
    place.hidden = false;
    place.closest(".chart").querySelector(".chart-table").open = false;
    const isNarrow = place.clientWidth < NARROW; // the legend takes two lines
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      textStyle: { fontFamily: style.fontFamily },
      grid: { left: 60, right: 16, top: isNarrow ? 64 : 40, bottom: 48 },
      legend: { top: 0, textStyle: { color: INK }, data: spec.series.map(entryOf) },
      tooltip: { trigger: "item", renderMode: "richText", formatter: wordsOf(spec) },
      xAxis: axisOf(spec.x, false),
      yAxis: axisOf(spec.y, true),
      series: [...spec.series.map(seriesOf), ...spec.series.flatMap(intervalsOf)],
    });
    new ResizeObserver(() => chart.resize()).observe(place);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart]").forEach(draw);
  });
})();
