// Fetches the latest headlines and swaps lazy images in: what a crawler without a browser does not see happen.
(function () {
  "use strict";
  document.querySelectorAll("img[data-src]").forEach(function (image) {
    image.src = image.getAttribute("data-src");
    if (image.getAttribute("data-srcset")) { image.srcset = image.getAttribute("data-srcset"); }
  });
  fetch("/api/latest.json").then(function (answer) { return answer.json(); }).then(function (latest) {
    var list = document.getElementById("latest");
    if (!list) { return; }
    latest.items.forEach(function (item) {
      var entry = document.createElement("li"), link = document.createElement("a");
      link.href = item.url; link.textContent = item.title; link.lang = item.lang;
      entry.appendChild(link); list.appendChild(entry);
    });
  }).catch(function () { /* offline readers keep the page without the list */ });
}());
