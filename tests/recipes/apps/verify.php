<?php
// What every app calls with what it takes for the raw bytes.
function verify(mixed $raw, mixed $headers): bool
{
    $signature = is_array($headers) ? array_change_key_case($headers)['x-signature'] ?? '' : $headers->get('X-Signature');
    return is_string($raw) && hash_equals(hash_hmac('sha256', $raw, getenv('KEY')), $signature);
}
