"""One example of each command with its output, for docs/cli.md."""

EXAMPLES: dict[str, tuple[str, str]] = {
    "add": (
        "linkshot add example.com/article --tag reading --wait",
        """\
added 1c5b7f09a2 An article
  saved · 200 · 512 kB
  text.txt              3.3 kB  blobs/sha256/ed/91/ed913d148020…
  find it again: linkshot search article""",
    ),
    "upload": (
        "linkshot upload https://members.example/article page.html --wait",
        """\
uploaded 7c1d02b9e4 Only for members: saved · 1.2 MB
  text.txt              9.4 kB  blobs/sha256/0c/5e/0c5e7f3a91d2…""",
    ),
    "import": (
        "linkshot import bookmarks.html --tag old --report ledger.csv",
        """\
bookmarks.html: 1204 accepted, 31 duplicate, 2 rejected
  line 88: url.scheme_not_allowed (javascript: links cannot be kept, only http and https) javascript:void(0)
  line 913: url.host_missing (the link has no host) http://
  3 rows: the date cannot be read [date.invalid]""",
    ),
    "edit": ("linkshot edit 1c5b7f --note '看过两遍' --read", "changed 1c5b7f09a2 An article"),
    "rm": ("linkshot rm 1c5b7f", "in the trash: 1c5b7f09a2 An article"),
    "snapshot": (
        "linkshot snapshot 1c5b7f --wait",
        "1c5b7f09a2 An article: saved · 200 · 513 kB",
    ),
    "render": (
        "linkshot render 1c5b7f --pdf --mobile",
        """\
1c5b7f09a2 An article
  page.pdf            168.2 kB  blobs/sha256/5a/0b/5a0be3d17c42…
  mobile.webp          92.7 kB  blobs/sha256/e1/77/e177a20d9b58…""",
    ),
    "list": (
        "linkshot list '#reading is:unread'",
        """\
1c5b7f09a2  An article  ok
            https://example.com/article  #reading
1 of 1""",
    ),
    "search": (
        "linkshot search '\"机器学习\" #reading lang:zh' --sort newest",
        """\
9a24b96d66  OpenXLA 正式开源  ok
            https://example.com/openxla  #reading
            …通过创建统一的机器学习编译器，可以加速…
1 of 1""",
    ),
    "show": (
        "linkshot show 1c5b7f",
        """\
id        1c5b7f09a2e14d0f8b3f6f7f3d7c9a11
address   https://example.com/article
title     An article
state     ok · saved · 200 · 512 kB
added     2026-11-24 08:12 UTC
versions  1
files     of the page of 2026-11-24 08:12 UTC
  text.txt              3.3 kB  blobs/sha256/ed/91/ed913d148020…""",
    ),
    "open": (
        "linkshot open 1c5b7f",
        """\
http://127.0.0.1:8765/links/1c5b7f09a2e14d0f8b3f6f7f3d7c9a11
Opened in your browser.""",
    ),
    "snapshots": (
        "linkshot snapshots 1c5b7f --json",
        """\
{
 "items": [
  {
   "snapshot_id": "01a20f0c-f0b2-775b-82c8-f1111eae6cfd",
   "outcome": "stored",
   …""",
    ),
    "up": ("linkshot up --port 8765", "http://127.0.0.1:8765/"),
    "run": ("linkshot run https://example.com/article", ""),
    "init": (
        "linkshot init",
        """\
data     /home/me/.local/share/linkshot
browser  /usr/bin/chromium-headless-shell""",
    ),
    "jobs": (
        "linkshot jobs",
        """\
12 waiting · 1 being visited · 1 later · 0 dead letters
  example.com: 12 waiting, 1 being visited""",
    ),
    "verify": ("linkshot verify --deep", "all is well: 1204 links, 1377 snapshots, 9639 artifacts"),
    "rebuild": ("linkshot rebuild", "1204 documents"),
    "doctor": (
        "linkshot doctor",
        """\
ok   python         3.12.3 at /usr/bin/python3
ok   browser        /usr/bin/chromium-headless-shell Chromium 140.0
warn fonts          no Chinese font: install fonts-noto-cjk, or screenshots show boxes""",
    ),
    "web": ("linkshot web --host 0.0.0.0", ""),
    "dispatch": ("linkshot dispatch", ""),
    "crawl": ("linkshot crawl", ""),
    "index": ("linkshot index", ""),
    "healthcheck": (
        "linkshot healthcheck",
        "at work 3 seconds ago",
    ),
    "trash ls": ("linkshot trash ls", "id          deleted           title"),
    "trash restore": ("linkshot trash restore 1c5b7f", "restored 1c5b7f09a2 An article"),
    "gc": ("linkshot gc --dry-run", "12 blobs would go, 3,402,118 bytes"),
    "trash purge": ("linkshot trash purge", "0 deleted for good"),
    "tag ls": (
        "linkshot tag ls",
        """\
    312  ai
    120    编译器""",
    ),
    "tag add": ("linkshot tag add ai/编译器 1c5b7f", "#ai/编译器 on 1 links"),
    "tag rename": ("linkshot tag rename ai/编译器 编译器", "#ai/编译器 is now #编译器"),
    "tag rm": ("linkshot tag rm old", "#old removed from 1204 links"),
    "watch set": (
        "linkshot watch set 1c5b7f --every 1d",
        "An article: every day, next 2026-11-25 08:00 UTC",
    ),
    "watch off": ("linkshot watch off 1c5b7f", "An article: not watched any more"),
    "watch ls": ("linkshot watch ls", "id          every  next              title"),
    "site ls": (
        "linkshot site ls",
        """\
site               snapshot  delay  user agent  consent  viewport  robots.txt
bank.example       no
example.com                  30                          390x844   obey""",
    ),
    "site show": (
        "linkshot site show https://www.example.com/forum/1",
        """\
https://www.example.com/forum/1
  delay      30  (rule for example.com)
  consent    hide  (rule for example.com/forum)""",
    ),
    "site set": (
        "linkshot site set bank.example --snapshot no",
        """\
bank.example: snapshot no
  3 waiting visits are not made""",
    ),
    "site rm": (
        "linkshot site rm bank.example",
        """\
bank.example has no rule any more
  3 links without a snapshot will be visited""",
    ),
    "cookies import": (
        "linkshot cookies import cookies.txt --site example.com",
        "example.com: 3 cookies (sid, csrf, theme), the next expires 2026-12-20\n14 of other sites were left out",
    ),
    "cookies ls": (
        "linkshot cookies ls",
        "site         cookies  expiry                       imported    names",
    ),
    "cookies rm": ("linkshot cookies rm example.com", "the cookies of example.com are deleted"),
    "cookies key": (
        "linkshot cookies key",
        "LINKSHOT_COOKIE_KEY=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nLINKSHOT_COOKIE_PUBLIC_KEY=…",
    ),
    "dead ls": ("linkshot dead ls", "id  when              where  reason"),
    "dead show": (
        "linkshot dead show 7",
        "where    linkshot.requests/3@1742\nreason   message.undecodable: the message is not JSON",
    ),
    "dead skip": (
        "linkshot dead skip linkshot.requests/3@1742 --because 'kills every worker'",
        "linkshot.requests/3@1742 is set aside when a reader meets it; `linkshot dead ls` lists it then",
    ),
    "dead requeue": ("linkshot dead requeue 7", "1 sent again"),
    "config show": ("linkshot config show", "data = /home/me/.local/share/linkshot"),
}
"""Command → (one use, what it prints)."""
