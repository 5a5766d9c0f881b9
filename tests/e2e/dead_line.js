// The page's sockets can be made to swallow what they are given, as a line does that broke without a word.
(() => {
  const send = WebSocket.prototype.send;
  let isDead = false;
  WebSocket.prototype.send = function (frame) { if (!isDead) send.call(this, frame); };
  window.deadLine = () => { isDead = true; };
  window.away = () => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
})();
