"use strict";
(() => {
  const templates = JSON.parse(document.getElementById("templates").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const config = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };
  const plots = [...document.querySelectorAll("figure")].map((figure) => ({
    place: figure.querySelector(".plot"),
    content: JSON.parse(figure.querySelector("script").textContent),
  }));
  const draw = (isDark, size) => plots.forEach(({ place, content }) => {
    const template = isDark ? templates.dark : templates.light;
    Plotly.react(place, content.data, { ...content.layout, template, ...size }, config);
  });
  const fill = () => draw(dark.matches, { autosize: true });
  fill();
  dark.addEventListener("change", fill);
  // The width of paper is not known to scripts; this one fits A4 and Letter.
  window.addEventListener("beforeprint", () => draw(false, { autosize: false, width: 620 }));
  window.addEventListener("afterprint", fill);
})();
