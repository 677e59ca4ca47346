"""Pages as browsers save them, for the tests of uploads."""

import base64

PNG = b"\x89PNG\r\n\x1a\n-picture"
ARCHIVE = "\r\n".join((
    "From: <Saved by Blink>",
    "Snapshot-Content-Location: https://example.com/a",
    "MIME-Version: 1.0",
    'Content-Type: multipart/related; type="text/html"; boundary="x"',
    "",
    "--x",
    "Content-Type: text/html",
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Location: https://example.com/a",
    "",
    "<html><head><meta charset=3Dutf-8><title>=E6=A0=87=E9=A2=98</title>",
    "<link rel=3Dstylesheet href=3D\"cid:css-1@mhtml.blink\"></head>",
    "<body><img src=3D\"/=E5=9B=BE.png\"><img src=3D\"gone.png\"><p>=E6=AD=A3=E6=96=87</p></body></html>",
    "--x",
    "Content-Type: text/css",
    "Content-Location: cid:css-1@mhtml.blink",
    "",
    "p{color:red}",
    "--x",
    "Content-Type: image/png",
    "Content-Transfer-Encoding: base64",
    "Content-Location: https://example.com/%E5%9B%BE.png",
    "",
    base64.b64encode(PNG).decode(),
    "--x--",
    "",
)).encode()  # fmt: skip
