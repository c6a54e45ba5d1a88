// The service worker: keeps the page and what its tiles hold for when the network drops. Nothing that a person did is kept:
// only these addresses are, and they are the same for everybody.
"use strict";

const KEPT = "kiosk-1";
const SHELL = ["/kiosk/", "/kiosk/kiosk.css", "/kiosk/kiosk.js", "/kiosk/timeline.js", "/contents.json", "/web/icon.svg"];
const PATIENCE = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The network first, so that a corrected page shows at once; what was kept where it fails, errs or is slow.
async function answer(request, path) {
  const kept = await caches.open(KEPT);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(String(response.status));
    await kept.put(path, response.clone());
    return response;
  } catch (error) {
    return (await kept.match(path)) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === self.location.origin && SHELL.includes(pathname)) {
    event.respondWith(answer(event.request, pathname));
  }
});
