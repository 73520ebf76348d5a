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
  // The library stands in the page as gzip in base64; the page's policy lets run what has its digest.
  const load = async () => {
    const packed = Uint8Array.from(atob(document.getElementById("library").textContent), (c) => c.charCodeAt(0));
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const library = document.createElement("script");
    library.textContent = await new Response(unpacked).text();
    document.head.append(library);
  };
  const begin = () => {
    fill();
    dark.addEventListener("change", fill);
    // The width of paper is not known to scripts; this one fits A4 and Letter.
    window.addEventListener("beforeprint", () => draw(false, { autosize: false, width: 620 }));
    window.addEventListener("afterprint", fill);
  };
  const fail = () => plots.forEach(({ place }) => {
    place.textContent = "This browser cannot draw the figure; all numbers are in the tables.";
  });
  load().then(begin, fail);
})();
