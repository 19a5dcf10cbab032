#!/bin/sh
# Mistakes as they happen in a shell with openssl. Prints JSON lines; see generate.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
key=whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v
ts=1750000000
printf %s '{"id":"evt_1","type":"card.activated"}' >"$work/body"

mac() { openssl dgst "-$1" -hmac "$2" | sed 's/.*= //'; }
emit() { # id expect scheme key headers-json body-file
  printf '{"id":"openssl/%s","by":"openssl","expect":"%s","scheme":"%s","key":"%s","now":1750000003,"method":"POST","url":"","headers":%s,"body_base64":"%s"}\n' \
    "$1" "$2" "$3" "$4" "$5" "$(openssl base64 -A -in "$6")"
}
baanx() { printf '{"X-Timestamp":"%s","X-Signature":"%s"}' "$ts" "$1"; }

sig=$( (printf '%s.' $ts; cat "$work/body"; echo) | mac sha256 $key)
emit echo-newline body.newline.lost baanx $key "$(baanx "$sig")" "$work/body"
sig=$( (printf '%s.' $ts; cat "$work/body") | mac sha1 $key)
emit sha1 digest.algorithm.hmac-sha1 baanx $key "$(baanx "$sig")" "$work/body"
sig=$( (printf '%s.' $ts; cat "$work/body") | openssl dgst -sha256 | sed 's/.*= //')
emit no-key digest.plain baanx $key "$(baanx "$sig")" "$work/body"
sig=$( (printf '%s.' $ts; cat "$work/body") | openssl dgst -sha256 -mac HMAC -macopt hexkey:00112233445566778899aabbccddeeff | sed 's/.*= //')
emit hexkey key.hex baanx 00112233445566778899aabbccddeeff "$(baanx "$sig")" "$work/body"
sig=$( (echo $ts; cat "$work/body") | mac sha256 $key)
emit newline-separator text.separator baanx $key "$(baanx "$sig")" "$work/body"
sig=$( (printf '%s.' $ts; cat "$work/body") | openssl dgst -sha256 -hmac $key -binary | openssl base64 -A)
emit base64 digest.encoding.base64 baanx $key "$(baanx "$sig")" "$work/body"

openssl genpkey -algorithm ed25519 -out "$work/ed.pem" 2>/dev/null
pub=$(openssl pkey -in "$work/ed.pem" -pubout -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')
discord() { printf '{"X-Signature-Timestamp":"%s","X-Signature-Ed25519":"%s"}' "$ts" "$(openssl pkeyutl -sign -inkey "$work/ed.pem" -rawin -in "$1" | od -An -tx1 | tr -d ' \n')"; }
(printf %s $ts; cat "$work/body"; echo) >"$work/signed"
emit ed25519-newline body.newline.lost discord "$pub" "$(discord "$work/signed")" "$work/body"
(printf '%s.' $ts; cat "$work/body") >"$work/signed"
emit ed25519-dot text.separator discord "$pub" "$(discord "$work/signed")" "$work/body"

openssl ecparam -name prime256v1 -genkey -noout -out "$work/ec.pem"
pub=$(openssl ec -in "$work/ec.pem" -pubout -outform DER 2>/dev/null | openssl base64 -A)
(printf %s $ts; cat "$work/body"; printf '\r\n') | openssl dgst -sha256 -sign "$work/ec.pem" >"$work/sig"
emit ecdsa-crlf body.newline.lost.crlf sendgrid "$pub" \
  "$(printf '{"X-Twilio-Email-Event-Webhook-Timestamp":"%s","X-Twilio-Email-Event-Webhook-Signature":"%s"}' $ts "$(openssl base64 -A -in "$work/sig")")" "$work/body"
seed=$(openssl pkey -in "$work/ed.pem" -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')
(printf %s $ts; cat "$work/body") >"$work/signed"
emit ed25519-seed key.private discord "$seed" "$(discord "$work/signed")" "$work/body"
