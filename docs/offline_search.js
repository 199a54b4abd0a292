/* Browsers start no worker from a file system; a hidden frame does the work of one there. */
if (location.protocol === "file:") {
  self.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.waiting = [];
      this.ready = false;
      self.addEventListener("message", event => {
        if (event.source !== frame.contentWindow) return;
        const told = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(told);
        if (this.onmessage) this.onmessage(told);
      });
      document.body.append(frame);
      const inside = frame.contentWindow;
      inside.postMessage = data => self.dispatchEvent(
        new MessageEvent("message", { data, source: inside }));
      const loading = [];
      inside.importScripts = (...urls) => {
        loading.push(...urls.map(one => new Promise((loaded, failed) => {
          const script = frame.contentDocument.createElement("script");
          script.src = new URL(one, url);
          script.onload = loaded;
          script.onerror = failed;
          frame.contentDocument.body.append(script);
        })));
        return Promise.all(loading);
      };
      const main = frame.contentDocument.createElement("script");
      main.src = url;
      main.onload = () => {
        this.ready = true;
        this.waiting.splice(0).forEach(data => this.postMessage(data));
      };
      frame.contentDocument.body.append(main);
      this.inside = inside;
    }
    postMessage(data) {
      if (!this.ready) this.waiting.push(data);
      else this.inside.dispatchEvent(new MessageEvent("message", { data }));
    }
    terminate() {}
  };
}
