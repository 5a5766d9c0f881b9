// The page's sockets can be made to swallow what they are given, as a line does that broke without a word, or to keep it
// for later, as one does that only stood still.
(() => {
  const send = WebSocket.prototype.send;
  let isDead = false, kept = [];
  WebSocket.prototype.send = function (frame) {
    if (isDead) kept.push([this, frame]);
    else send.call(this, frame);
  };
  window.deadLine = () => { isDead = true; };
  window.lineGoesOn = () => {
    isDead = false;
    kept.filter(([line]) => line.readyState === WebSocket.OPEN).forEach(([line, frame]) => send.call(line, frame));
    kept = [];
  };
  window.away = () => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
})();
