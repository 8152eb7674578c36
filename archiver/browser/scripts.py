"""The three scripts that run inside a page.

Belongs here: JavaScript, each a string. None of them looks for anything of a particular site.
"""

BEFORE = """
(() => {
  // What leaves no exchange is not there, so that pages take their other way: windows and workers of their own, sockets, peers.
  const gone = (owner, name) => {
    try { Object.defineProperty(owner, name, {value: undefined, configurable: false, writable: false}); } catch (_) {}
  };
  for (const name of ["SharedWorker", "WebSocket", "WebTransport", "RTCPeerConnection", "webkitRTCPeerConnection"]) {
    gone(window, name);
  }
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register = () => Promise.reject(new DOMException("no service workers here", "SecurityError"));
  }
  window.open = () => null;
  navigator.sendBeacon = () => true;
})();
"""
"""Before any script of a document, in every frame."""

SCROLL = """
(async () => {
  const wait = ms => new Promise(done => setTimeout(done, ms));
  const most = %d, ends = performance.now() + 1000 * %f, step = Math.max(200, window.innerHeight * 0.8);
  for (let at = 0; at < Math.min(most, document.documentElement.scrollHeight) && performance.now() < ends; at += step) {
    window.scrollTo({top: at, behavior: "instant"});
    await wait(80);
  }
  window.scrollTo({top: 0, behavior: "instant"});
  await wait(80);
  return true;
})()
"""
"""Down to the end (at most so many pixels, so many seconds) and back, so that what is lazy is asked for."""

DOM = """
(() => {
  const kind = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\\n" : "";
  return document.documentElement ? kind + document.documentElement.outerHTML : "";
})()
"""
