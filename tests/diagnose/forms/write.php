<?php
// Each form of forms.json, parsed and written by PHP. Prints JSON lines; see generate.
function out(string $writer, int $form, string $text): void
{
    echo json_encode(['writer' => $writer, 'form' => $form, 'text' => $text], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE), "\n";
}

foreach (json_decode(file_get_contents(__DIR__ . '/forms.json')) as $i => $form) {
    parse_str($form, $post); // what $_POST holds
    out('PHP (http_build_query)', $i, http_build_query($post));
    out('PHP (http_build_query with RFC3986)', $i, http_build_query($post, '', '&', PHP_QUERY_RFC3986));
    out('json_encode (PHP)', $i, json_encode($post));
    $pairs = array_map(fn ($p) => array_map('urldecode', explode('=', $p, 2)), explode('&', $form));
    foreach (['urlencode', 'rawurlencode'] as $escape) {
        out("PHP ($escape)", $i, implode('&', array_map(fn ($p) => $escape($p[0]) . '=' . $escape($p[1]), $pairs)));
    }
    // Symfony's HeaderUtils::parseQuery keeps dots, and Request::normalizeQueryString sorts.
    if (!str_contains($form, '.')) {
        ksort($post);
        out('Laravel (fullUrl)', $i, http_build_query($post, '', '&', PHP_QUERY_RFC3986));
    }
}
