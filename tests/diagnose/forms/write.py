"""Each form of forms.json, parsed and written by Python. Prints JSON lines; see generate."""

import json
import pathlib
import urllib.parse


def out(writer, form, text):
    print(json.dumps({"writer": writer, "form": form, "text": text}, ensure_ascii=False))


for i, form in enumerate(json.loads(pathlib.Path(__file__).with_name("forms.json").read_text())):
    pairs = urllib.parse.parse_qsl(form, keep_blank_values=True)
    out("Python (urlencode)", i, urllib.parse.urlencode(pairs))
    out("Python (quote)", i, "&".join(urllib.parse.quote(k) + "=" + urllib.parse.quote(v) for k, v in pairs))
    out("json.dumps (Python)", i, json.dumps(dict(pairs)))
    out("json.dumps (Python)", i, json.dumps(urllib.parse.parse_qs(form, keep_blank_values=True)))
