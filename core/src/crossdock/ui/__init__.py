"""`crossdock ui`: the project in a browser, for one person on this machine.

How it is made, for whoever adds a page:

    serving    listens on 127.0.0.1, prints the start address, ends with ctrl-C
    guard      every request: host, origin, cookie; every answer: content policy, no cache
    desk       `Desk`: the project folder between two requests. `with desk.migration() as migration` is to
               read (also while another process runs), `with desk.changing() as migration` is to write: it
               holds the ledger, so it raises RefusedError while another process does. `desk.say(text)` puts
               a sentence on top of the next page
    page       `page(request, "NAME.html", {...})` renders templates/NAME.html, which extends frame.html
               (blocks title, lead, body); values are escaped, a missing name is an error, secrets are taken
               out. `wants_part(request)`: htmx asked, so a fragment is enough. `go("/path", said, request)`
               is the redirect after a form. `form_of(request)` has the fields of a form (of several with one
               name the last; `.several(name)` all)
    app        `PAGES`: the modules with pages, in the order of the menu. A module has `ROUTES` (starlette
               Routes) and `MENU` ((path, word) pairs). Endpoints are `def`, not `async def`, with one
               argument `request`: they run in a thread; `desk_of(request)` is the desk. An error of
               `crossdock.errors` that they raise becomes a page with its words

What each page keeps to: plain links and forms work without script, htmx makes them quicker (`hx-get`,
`hx-post`, `hx-target`; no `hx-on`, no inline script or style: the content policy forbids them); everything
by keyboard (real links, buttons, labels); readable at 390 px (tables in `<div class="scroll">`, or a list);
a form that changes something is a POST. What changes files goes through the same function as the command
line.

A test opens a page with the fixtures of tests/uibrowser.py: `ui = serve(project)` serves the pages,
`page = ui.open("/map")` is a playwright page with the cookie in it.
"""
