/* Draws the charts of a page with plotly.js: histories that the API has, and scatters that stand in the page. */
"use strict";
(() => {
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const short = (text) => plain(text.length > 40 ? `${text.slice(0, 39)}…` : text);
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const LIGHT = ["#2f72b8", "#c8570c", "#17806a", "#8f4a96", "#9a7206", "#64748b"];
  const DARK = ["#6ba4e0", "#ef9350", "#45bda0", "#c78bce", "#d7ad3c", "#9fb0c5"];
  const knobs = { log: false, axis: "step", smooth: 0 };

  const number = (value) => ({ NaN, Infinity, "-Infinity": -Infinity }[value] ?? value);

  function smoothed(values, weight) {
    let last = null;
    let count = 0;
    return values.map((value) => {
      if (!weight || !Number.isFinite(value)) return value;
      last = last === null ? (1 - weight) * value : weight * last + (1 - weight) * value;
      count += 1;
      return last / (1 - weight ** count); // without the pull of a beginning at 0
    });
  }

  function positions(points) {
    if (knobs.axis === "step") return points.map((point) => point.step);
    const times = points.map((point) => Date.parse(point.at));
    return knobs.axis === "time" ? times.map((at) => new Date(at)) : times.map((at) => (at - times[0]) / 1000);
  }

  function layout(x, y, more) {
    const axis = {
      gridcolor: css("--line"), linecolor: css("--line"), zerolinecolor: css("--line"), automargin: true,
      title: { font: { size: 12, color: css("--faint") }, standoff: 8 }, tickfont: { size: 11 },
    };
    return {
      height: 300, margin: { l: 12, r: 16, t: 12, b: 12 }, font: { size: 12, color: css("--ink"), family: "system-ui, sans-serif" },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", colorway: dark.matches ? DARK : LIGHT,
      hoverlabel: { align: "left", namelength: 40 }, legend: { orientation: "h", y: -0.25, font: { size: 11 } },
      xaxis: { ...axis, ...x, title: { ...axis.title, text: x.title } },
      yaxis: { ...axis, ...y, title: { ...axis.title, text: y.title } },
      ...more,
    };
  }

  const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset", showTips: false };

  function drawHistory(figure) {
    const names = new Map(JSON.parse(figure.dataset.runs));
    const traces = figure.histories.map((history) => {
      const values = smoothed(history.points.map((point) => number(point.value)), knobs.smooth);
      return {
        type: "scatter", mode: history.points.length < 2 ? "markers" : "lines", x: positions(history.points), y: values,
        name: short(names.get(history.run_id) ?? history.run_id), line: { width: 1.8 }, connectgaps: false,
      };
    });
    const x = { title: knobs.axis === "relative" ? "seconds" : knobs.axis };
    const y = { title: "", type: knobs.log ? "log" : "linear" };
    Plotly.react(figure.querySelector(".plot"), traces, layout(x, y, { showlegend: names.size > 1 }), CONFIG);
  }

  async function loadHistory(figure) {
    try {
      const answer = await fetch(figure.dataset.source, { headers: { accept: "application/json" } });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.error?.message ?? answer.statusText);
      figure.histories = body.runs;
      drawHistory(figure);
    } catch (error) {
      figure.querySelector(".plot").textContent = `Cannot be drawn: ${error.message}`;
    }
  }

  function drawScatter(figure) {
    const value = (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : plain(text));
    const dots = JSON.parse(figure.dataset.dots);
    const trace = {
      type: "scatter", mode: "markers", x: dots.map((dot) => value(dot[1])), y: dots.map((dot) => value(dot[2])),
      text: dots.map((dot) => short(dot[0])), marker: { size: 10 }, hovertemplate: "%{text}<br>%{x}, %{y}<extra></extra>",
    };
    const axes = [{ title: short(figure.dataset.x) }, { title: short(figure.dataset.y) }];
    Plotly.react(figure.querySelector(".plot"), [trace], layout(...axes, { showlegend: false, height: 360 }), CONFIG);
  }

  function redraw() {
    for (const figure of document.querySelectorAll("figure.chart")) {
      if (figure.classList.contains("scatter")) drawScatter(figure);
      else if (figure.histories) drawHistory(figure);
    }
  }

  if (typeof Plotly === "undefined") {
    for (const plot of document.querySelectorAll("figure.chart .plot")) plot.textContent = "There is no plotly.js on this server.";
    return;
  }
  for (const bar of document.querySelectorAll(".knobs")) {
    bar.hidden = false;
    bar.addEventListener("input", (event) => {
      const knob = event.target;
      knobs[knob.dataset.knob] = knob.type === "checkbox" ? knob.checked : knob.type === "range" ? Number(knob.value) : knob.value;
      redraw();
    });
  }
  dark.addEventListener("change", redraw);
  // Only what comes into view is asked for: a run may have hundreds of metrics.
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      seen.unobserve(entry.target);
      loadHistory(entry.target);
    }
  }, { rootMargin: "300px" });
  for (const figure of document.querySelectorAll("figure.chart")) {
    if (figure.classList.contains("scatter")) drawScatter(figure);
    else seen.observe(figure);
  }
})();
