<?php
// Bodies that PHP parsed and wrote again, and texts that it signed. Prints JSON lines; see generate.
const KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v';

function out(string $id, string $expect, string $signed, string $body): void
{
    echo json_encode([
        'id' => "php/$id", 'by' => 'php', 'expect' => $expect, 'scheme' => 'github', 'key' => KEY, 'now' => 1750000003, 'method' => 'POST', 'url' => '',
        'headers' => ['X-Hub-Signature-256' => 'sha256=' . hash_hmac('sha256', $signed, KEY)], 'body_base64' => base64_encode($body),
    ], JSON_UNESCAPED_SLASHES), "\n";
}
$again = fn (string $json) => json_encode(json_decode($json, true));

// json_decode(…, true) makes an array of an empty object.
$raw = '{"id":7,"meta":{},"tags":[]}';
out('empty-object', 'body.empty.object_lost', $raw, $again($raw));
$raw = '{"url":"https://shop.example/a/b","data":{"object":{"metadata":{},"lines":[],"customer":{}}},"links":[]}';
out('empty-objects-and-slashes', 'body.empty.object_lost', $raw, $again($raw));
$raw = '{"list":[{"a":{}},{"a":[]},{"a":{}}],"b":[]}';
out('empty-object-of-several', 'body.empty.object_lost', str_replace('{"a":[]},{"a":{}}', '{"a":[]},{"a":[]}', $raw), $again($raw));
$raw = '{"a":[],"b":[],"c":{}}';
out('forced-objects', 'body.empty.array_lost', $raw, json_encode(json_decode($raw), JSON_FORCE_OBJECT));

// A float without a fraction loses its zero.
$raw = '{"order":{"total":10.0,"quantity":1},"rate":2.5}';
out('float-zero', 'body.number.zero_lost', $raw, $again($raw));
$raw = '{"lat":52.0,"lng":13.0,"id":3,"zoom":4,"path":"a/b"}';
out('float-zeros-of-some', 'body.number.zero_lost', $raw, $again($raw));
$raw = '{"items":[{"price":12.00,"n":2},{"price":3.50,"n":1}],"id":99}';
out('cents-of-some', 'body.number.cents_lost', $raw, $again($raw));
$raw = '{"big":1e25,"small":1.5e-7}';
out('exponents', 'body.reserialised.compact.numbers.php', $again($raw), $raw);
$raw = '{"big":1e17,"n":1}';
out('exponent-received', 'body.number.exponent', $raw, $again($raw));

// What Laravel's middleware ConvertEmptyStringsToNull does to the input.
$nulls = function (string $json) {
    $data = json_decode($json, true);
    array_walk_recursive($data, function (&$v) { $v = $v === '' ? null : $v; });
    return json_encode($data);
};
$raw = '{"name":"Jo","note":"","phone":null}';
out('laravel-null', 'body.null.text_lost', $raw, $nulls($raw));
$raw = '{"address":{"line1":"1/2 Main","line2":"","state":""},"tags":[""],"deleted":null}';
out('laravel-nulls', 'body.null.text_lost', $raw, $nulls($raw));

// Symfony's JsonResponse and Laravel's signed text: JSON_HEX_TAG | JSON_HEX_APOS | JSON_HEX_AMP | JSON_HEX_QUOT.
foreach (['{"html":"<b>Zoë & \'x\'</b>","q":"say \"hi\""}', '{"t":"a/b <i>&amp;</i>"}'] as $n => $raw) {
    out("hex-flags-$n", 'body.reserialised.compact.php.hex', json_encode(json_decode($raw), 15), $raw);
}
