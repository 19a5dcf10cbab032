<?php
// Requests whose query or form PHP and Laravel read and wrote again. Prints JSON lines; see generate.
const KEY = '00000000-1111-2222-3333-444444444444';

function out(string $id, string $expect, array $o): void
{
    echo json_encode(['id' => "php/$id", 'by' => 'php', 'expect' => $expect, 'key' => KEY, 'now' => 1678200003] + $o, JSON_UNESCAPED_SLASHES), "\n";
}

function hubspot(string $id, string $expect, string $signed, string $given): void
{
    $url = 'https://app.example.com/crm-cards?';
    // HubSpot decodes some escapes before it signs; none of them is in these.
    $mac = base64_encode(hash_hmac('sha256', 'GET' . $url . $signed . '1678200000000', KEY, true));
    out($id, $expect, [
        'scheme' => 'hubspot.v3', 'method' => 'GET', 'url' => $url . $given, 'body_base64' => '',
        'headers' => ['X-HubSpot-Request-Timestamp' => '1678200000000', 'X-HubSpot-Signature-v3' => $mac],
    ]);
}

// What Symfony's Request::normalizeQueryString, and so Laravel's fullUrl(), make of a query.
function normalized(string $query): string
{
    parse_str($query, $fields);
    ksort($fields);
    return http_build_query($fields, '', '&', PHP_QUERY_RFC3986);
}

foreach (['userId=42&portalId=99', 'userId=42&userEmail=a%25b&associatedObjectId=53701&portalId=6&objectType=x'] as $i => $query) {
    hubspot("full-url-$i", 'text.url.query.order', $query, normalized($query));
}
$many = 'userId=42&userEmail=jo%2Bann%25&associatedObjectId=53701&associatedObjectType=COMPANY&portalId=6&firstname=Jo&lastname=Ann';
hubspot('full-url-of-seven', 'text.url.query.order', $many, normalized($many));
foreach (['name=Jo+Ann&portalId=99', 'a=1&name=Zo%C3%AB+%7E&portalId=99'] as $i => $query) {
    hubspot("full-url-rewritten-$i", 'text.url.query.rewritten', $query, normalized($query));
}
hubspot('full-url-both', 'text.url.query.order', 'q=Jo+Ann&a=%7E', normalized('q=Jo+Ann&a=%7E'));
hubspot('full-url-signed', 'text.url.query.sorted', normalized('userId=42&portalId=99'), 'userId=42&portalId=99');

function slack(string $id, string $expect, string $signed, string $body): void
{
    out($id, $expect, [
        'scheme' => 'slack', 'method' => 'POST', 'url' => '', 'body_base64' => base64_encode($body),
        'headers' => [
            'X-Slack-Request-Timestamp' => '1678200000', 'X-Slack-Signature' => 'v0=' . hash_hmac('sha256', "v0:1678200000:$signed", KEY),
            'Content-Type' => 'application/x-www-form-urlencoded; charset=utf-8',
        ],
    ]);
}

// json_encode($_POST), whole and one field of it, and Laravel's ConvertEmptyStringsToNull.
$form = 'token=xyzz&command=%2Fsay&text=a%2Fb+%C3%AB&empty=';
parse_str($form, $post);
slack('post-as-json', 'body.form.json', $form, json_encode($post));
slack('post-as-json-flags', 'body.form.json', $form, json_encode($post, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE));
slack('post-as-json-signed', 'body.form.json.signed', json_encode($post), $form);
slack('post-with-null-signed', 'body.form.json.signed', json_encode(array_map(fn ($v) => $v === '' ? null : $v, $post)), $form);
$payload = '{"type":"block_actions","response_url":"https:\/\/hooks.example\/1","actions":[{"value":"a*b (c)"}]}';
$form = 'payload=' . urlencode($payload);
slack('payload', 'body.form.decoded', $form, $payload);
slack('payload-again', 'body.form.decoded', $form, json_encode(json_decode($payload), JSON_UNESCAPED_SLASHES));
slack('payload-signed', 'body.form.field', $payload, $form);
slack('payload-signed-again', 'body.form.field', json_encode(json_decode($payload), JSON_UNESCAPED_SLASHES), $form);

// Six fields that ksort() sorted, as a form and as JSON.
$form = 'token=xyzz&team=T1&channel=C1&user=U1&command=%2Fsay&text=hi';
parse_str($form, $post);
ksort($post);
slack('sorted-six', 'body.form.order', $form, http_build_query($post));
slack('sorted-six-json', 'body.form.json', $form, json_encode($post));

// http_build_query leaves null out, which ConvertEmptyStringsToNull makes of empty texts.
$form = 'token=xyzz&empty=&text=x+y';
parse_str($form, $post);
slack('empty-left-out', 'body.form.fields', http_build_query(array_filter($post, fn ($v) => $v !== '')), $form);
