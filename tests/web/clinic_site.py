"""A clinic's website on an origin of its own: the strictest policy that lets the widget work, and the rudest style."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.running import ROOT

# What docs/add-to-your-website.md tells the clinic to add, on top of a policy that allows nothing.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src {guide}; connect-src {guide}; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HOSTILE = """
* { letter-spacing: .4em !important; text-transform: uppercase !important; line-height: 5 !important; }
* { color: red !important; }
html { font-size: 6px; }
button { display: none !important; }
div { position: absolute !important; left: -999px !important; background: lime !important; }
input, textarea, dialog { visibility: hidden !important; font-size: 3px !important; }
a { pointer-events: none !important; }
:root { --ink: lime; --ground: lime; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A clinic</title>{style}</head>
<body><main><h1>A clinic</h1><p>Welcome.</p></main>{script}</body></html>
"""
SCRIPT = """
<script async src="{guide}/web/infusion-chat.js" data-phone="555-0100" data-clinic="A clinic"{attributes}></script>"""


@contextmanager
def clinic_site(origin: str, guide: str) -> Iterator[str]:
    """Serve the clinic's pages: `/` as it should be, `/hostile`, `/twice`, `/pinned` and `/remember`."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/hostile.css":
                self._send(HOSTILE, "text/css")
                return
            style = '<link rel="stylesheet" href="/hostile.css">' if self.path == "/hostile" else ""
            attributes = ' data-remember="page"' if self.path.startswith("/remember") else ""
            if self.path == "/pinned":
                digest = base64.b64encode(hashlib.sha384((ROOT / "web" / "infusion-chat.js").read_bytes()).digest())
                attributes = f' crossorigin="anonymous" integrity="sha384-{digest.decode()}"'
            script = SCRIPT.format(guide=guide, attributes=attributes) * (2 if self.path == "/twice" else 1)
            self._send(PAGE.format(style=style, script=script), "text/html; charset=utf-8")

        def _send(self, text: str, kind: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY.format(guide=guide))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(origin).port or 80), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
