// Draws the figures of components/charts.html with ECharts; the table beside each needs no script.
"use strict";

(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const INK = colour("--ink-soft", "#55616b");
  const LINE = colour("--line", "#dde2e1");
  const SHADES = [colour("--accent", "#0b5a75"), "#7a4f00", "#146c2e"];
  const SYMBOLS = ["circle", "rect", "triangle"];

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

  function seriesOf(one, position) {
    const shade = one.as === "reference" ? INK : SHADES[position % SHADES.length];
    const drawn = {
      name: one.name,
      type: one.as === "dots" ? "scatter" : "line",
      data: one.points.map((point) => point.slice(0, 2)),
      symbol: one.as === "reference" ? "none" : SYMBOLS[position % SYMBOLS.length],
      symbolSize: 9,
      lineStyle: { color: shade, width: 2, type: one.as === "reference" ? "dashed" : "solid" },
      itemStyle: { color: shade },
      animation: false,
    };
    return [drawn, ...intervalsOf(one, shade)];
  }

  // Intervals as one short line each: visible in print, and not by colour alone.
  function intervalsOf(one, shade) {
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

  function draw(place) {
    const spec = JSON.parse(place.dataset.chart);
    place.hidden = false;
    place.closest(".chart").querySelector(".chart-table").open = false;
    const chart = echarts.init(place, null, { renderer: "svg" });
    chart.setOption({
      textStyle: { fontFamily: style.fontFamily },
      grid: { left: 60, right: 16, top: 40, bottom: 48 },
      legend: { top: 0, data: spec.series.map((one) => one.name) },
      tooltip: { trigger: "item", renderMode: "richText" },
      xAxis: axisOf(spec.x, false),
      yAxis: axisOf(spec.y, true),
      series: spec.series.flatMap(seriesOf),
    });
    new ResizeObserver(() => chart.resize()).observe(place);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart]").forEach(draw);
  });
})();
