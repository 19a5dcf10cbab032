#!/usr/bin/env python3
"""Makes internal/sign/testdata/contents.json: signatures over content with parts that may be absent, made without whctl. By hand; its
output is committed."""
import hashlib, hmac, json, sys, zlib

key = "k3y"

def mac(text, h="sha256"):
    return hmac.new(key.encode(), text.encode() if isinstance(text, str) else text, h).hexdigest()

out = []

def case(id, content, signed, body="", url="", headers=None, algorithm="hmac-sha256", want="valid", **more):
    sig = more.pop("sig", None) or (mac(signed) if algorithm == "hmac-sha256" else mac(signed, "md5") if algorithm == "hmac-md5" else hashlib.new(algorithm, signed.encode()).hexdigest())
    out.append({"id": id, "content": content, "algorithm": algorithm, "body": body.replace("SIG", sig), "url": url, "headers": headers or {}, "signature": sig, "want": want, **more})

J = '{"m":"hi","n":{"o":7},"empty":"","null":null}'
case("optional there", "{body}{json:n.o?}", J + "7", J)
case("optional absent", "{body}{json:x?}", J, J)
case("optional empty", "{body}.{json:empty?}", J + ".", J)
case("optional null", "{body}.{json:null?}", J + ".", J)
case("needed absent", "{body}{json:x}", J, J, want="mismatch")
case("group there", "{body}{[;m={json:m}]}", J + ";m=hi", J)
case("group absent", "{body}{[;x={json:x};]}!", J + "!", J)
case("group half there", "{body}{[;m={json:m},x={json:x}]}", J, J)
case("group signed although absent", "{body}{[;x={json:x}]}", J + ";x=", J, want="mismatch")
case("two groups", "{body}{[a{json:x}]}{[b{json:m}]}", J + "bhi", J)
case("first of two", "{body}{json:m|form:m}", J + "hi", J)
case("second of two", "{body}{json:m|form:m}", "m=ho&x=1ho", "m=ho&x=1")
case("none of two", "{body}{json:m|form:m}", "x=1", "x=1", want="mismatch")
case("header instead", "{body}{json:x|header:X-Alt}", J + "alt", J, headers={"X-Alt": "alt"})
case("form field decoded", "{form:a b}.{body}", "z y.c=1&a+b=z%20y", "c=1&a+b=z%20y")
case("form field empty", "{form:a}.{body}", ".a=&b=1", "a=&b=1")
case("form field twice", "{form:a}.{body}", "1.a=1&a=2", "a=1&a=2", want="mismatch")
case("form field twice by another writing", "{form:a}.{body}", "1.a=1&%61=2", "a=1&%61=2", want="mismatch")
case("form field of JSON", "{form:m}.{body}", 'x.{"m":1}&m=x', '{"m":1}&m=x', want="mismatch")
case("query", "{[id:{query:data.id};]}{body}", "id:Z 9;{}", "{}", "https://a.test/h?x=1&data.id=Z%209#f")
case("query absent", "{[id:{query:data.id};]}{body}", "{}", "{}", "https://a.test/h?x=1")
case("query twice", "{query:a}{body}", "1{}", "{}", "https://a.test/h?a=1&a=2", want="mismatch")
case("query without a host", "{query:a}{body}", "1{}", "{}", "/h?a=1")
U = '{"note":"Zo\u00eb \u20ac"}'
case("crc32", "x|{crc32:body}", "x|%d" % zlib.crc32(U.encode()), U)
case("crc32 of nothing", "x|{crc32:body}", "x|0", "")
case("crc32 of another body", "x|{crc32:body}", "x|%d" % zlib.crc32(b"other"), U, want="mismatch")
case("sha256", "{sha256:body}", hashlib.sha256(U.encode()).hexdigest(), U)
for name in ("sha1", "sha256", "sha512", "md5"):
    case("plain " + name, "{body}{secret}", U + key, U, algorithm=name)
    case("plain without the key " + name, "{body}{secret}", U, U, algorithm=name, want="mismatch")
case("hmac-md5", "{body}", U, U, algorithm="hmac-md5")
case("a group in braces", "{{[{body}]}}", "{[" + U + "]}", U)

one = lambda p, q, s: '{"i":{"p":"%s"%s,"sig":"%s"}}' % (p, ',"q":%s' % q if q else "", s)
items = lambda *xs: '{"live":"false","items":[%s]}' % ",".join(xs)
I = {"items": "items", "json": "i.sig"}
good1, good2 = one("p1", "", mac("p1:")), one("p2", "5", mac("p2:5"))
case("one item", "{json:i.p}:{json:i.q?}", "p1:", items(good1), **I)
case("two items", "{json:i.p}:{json:i.q?}", "", items(good1, good2), **I)
case("the second item is wrong", "{json:i.p}:{json:i.q?}", "", items(good1, one("p2", "6", mac("p2:5"))), want="mismatch", **I)
case("the first item is wrong", "{json:i.p}:{json:i.q?}", "", items(one("p1", "6", mac("p1:5")), good2), want="mismatch", **I)
case("an item has no signature", "{json:i.p}:{json:i.q?}", "", items(good1, '{"i":{"p":"p1"}}'), want="missing_signature", **I)
case("no item", "{json:i.p}:{json:i.q?}", "", items(), want="missing_signature", **I)
case("no list", "{json:i.p}:{json:i.q?}", "", "{}", want="missing_signature", **I)
case("an item that is none", "{json:i.p}:{json:i.q?}", "", items(good1, "7"), want="missing_signature", **I)
case("two lists, the second is wrong", "{json:i.p}:{json:i.q?}", "", '{"items":[%s],"items":[%s]}' % (good1, one("p2", "6", mac("p2:5"))), want="mismatch", **I)
case("two lists, the first is wrong", "{json:i.p}:{json:i.q?}", "", '{"items":[%s],"items":[%s]}' % (one("p2", "6", mac("p2:5")), good1), want="mismatch", **I)
case("many items", "{json:i.p}:{json:i.q?}", "", items(*[good1] * 100), **I)
case("too many items", "{json:i.p}:{json:i.q?}", "", items(*[good1] * 101), want="malformed_signature", **I)

F = {"form": "signature"}
case("signature in a form", "{form:t}{form:token}", "17abc", "t=17&token=abc&signature=SIG&more=1", **F)
case("signature twice in a form", "{form:t}{form:token}", "17abc", "t=17&token=abc&signature=SIG&signature=00", want="malformed_signature", **F)
case("no signature in a form", "{form:t}{form:token}", "17abc", "t=17&token=abc", want="missing_signature", **F)
case("form of JSON and form", "{form:t|json:s.t}{form:token|json:s.token}", "17abc", '{"s":{"t":17,"token":"abc","sig":"SIG"}}', json="s.sig", **F)
case("JSON with a form behind it", "{form:t|json:s.t}", "17", '{"s":{"t":18}}&t=17&signature=SIG', json="s.sig", want="missing_signature", **F)

json.dump([{"key": key, **c} for c in out], sys.stdout, indent=1)
print()
