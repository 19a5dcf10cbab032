#!/bin/sh
# Public keys as they are pasted by mistake, made with openssl. Prints JSON lines; see generate. "want" is what the refusal
# must say; empty: the key is taken. The keys are base64 here, so that nothing takes this for a leak.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
b64() { openssl base64 -A; }
hex() { od -An -vtx1 | tr -d ' \n'; }
emit() { # id scheme want; the key's text on standard input
  printf '{"id":"%s/%s","scheme":"%s","want":"%s","key_base64":"%s"}\n' "$2" "$1" "$2" "$3" "$(b64)"
}

while :; do # one whose base64 has characters that base64url writes in another way
  openssl genpkey -algorithm ed25519 -out ed.pem 2>/dev/null
  openssl pkey -in ed.pem -pubout -out ed.pub
  openssl pkey -in ed.pem -pubout -outform DER >ed.der
  tail -c 32 ed.der >ed.raw
  case $(b64 <ed.raw) in *[+/]*) break ;; esac
done
openssl ecparam -name prime256v1 -genkey -out ec.pem
openssl ec -in ec.pem -pubout -out ec.pub 2>/dev/null
openssl ec -in ec.pem -pubout -outform DER >ec.der 2>/dev/null
openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
openssl pkey -in rsa.pem -pubout -out rsa.pub
openssl ecparam -name secp384r1 -genkey -noout -out p384.pem
openssl ec -in p384.pem -pubout -out p384.pub 2>/dev/null
openssl req -x509 -new -key ec.pem -subj /CN=whctl.test -days 1 -out cert.pem 2>/dev/null
openssl pkey -in ed.pem -aes128 -passout pass:test -out locked.pem

notHex="is base64, but this scheme's keys are hex: convert it: openssl base64"
hex <ed.raw | emit right discord ""
hex <ed.der | emit spki-hex discord ""
b64 <ed.raw | emit base64 discord "$notHex"
b64 <ed.der | emit spki-base64 discord "$notHex"
grep -v -- ----- ed.pub | emit pem-no-header discord "$notHex"
emit pem discord "is a PEM file with a public key, but the key in hex is wanted: openssl pkey -pubin" <ed.pub
emit pem-private discord "is a PEM file with a private key, but the key in hex is wanted: openssl pkey -in key.pem -pubout" <ed.pem
b64 <ed.pub | emit pem-base64 discord "is the base64 of a PEM file: decode it: openssl base64 -d"
printf '"%s"' "$(hex <ed.raw)" | emit quotes discord "has quotes around it: store it without them"
printf ' %s' "$(hex <ed.raw)" | emit blank discord "has blanks, a line break or a byte order mark around it: store it without"
printf '%s\n\n' "$(hex <ed.raw)" | emit newlines discord "has blanks, a line break"
printf '0x%s' "$(hex <ed.raw)" | emit 0x discord "is hex with 0x, colons or blanks in it: give the digits alone"
hex <ed.raw | sed 's/../&:/g; s/:$//' | emit colons discord "is hex with 0x, colons"
printf 'DISCORD_KEY=%s' "$(hex <ed.raw)" | emit env discord "is a whole line of an env file: give what stands after the = only"
printf "'%s'" "$(b64 <ed.raw)" | emit quotes-base64 discord "has quotes around it and is base64, but"
emit rsa discord "is an RSA public key, but ed25519 wants an ed25519 key" <rsa.pub
emit p256 discord "is a P-256 public key, but ed25519 wants" <ec.pub
emit certificate discord "is a certificate: take the public key out of it: openssl x509" <cert.pem
emit locked discord "is an encrypted private key" <locked.pem

b64 <ed.raw | emit right telnyx ""
b64 <ed.der | emit spki telnyx ""
grep -v -- ----- ed.pub | tr -d '\n' | emit pem-no-header telnyx ""
hex <ed.raw | emit hex telnyx "is hex, but this scheme's keys are base64: convert it: xxd -r -p"
b64 <ed.raw | tr '+/' '-_' | emit base64url telnyx "is base64url, but this scheme's keys are base64: write + for -"
hex <ed.raw | b64 | emit base64-of-hex telnyx "is the base64 of hex digits: give the key in base64"
emit pem telnyx "is a PEM file with a public key, but the key in base64 is wanted: openssl pkey" <ed.pub
awk '{printf "%s\\n", $0}' ed.pub | emit pem-escaped telnyx "is a PEM file with a public key"
printf '"%s"' "$(b64 <ed.raw)" | emit quotes telnyx "has quotes around it"
printf '%s\n' "$(b64 <ed.raw)" | emit newlines telnyx ""

emit pem sendgrid "" <ec.pub
sed 's/$/\r/' ec.pub | emit pem-crlf sendgrid ""
emit pem-private sendgrid "" <ec.pem
b64 <ec.der | emit right sendgrid ""
grep -v -- ----- ec.pub | emit pem-no-header sendgrid "is base64 on several lines or with blanks in it: join it to one line"
awk '{printf "%s\\n", $0}' ec.pub | emit pem-escaped sendgrid "is PEM text whose lines are joined or indented"
tr '\n' ' ' <ec.pub | emit pem-one-line sendgrid "is PEM text whose lines are joined or indented"
sed 's/^/    /' ec.pub | emit pem-indented sendgrid "is PEM text whose lines are joined or indented"
b64 <ec.pub | emit pem-base64 sendgrid "is the base64 of a PEM file"
hex <ec.der | emit hex sendgrid "is hex, but this scheme's keys are base64"
tail -c 65 ec.der | b64 | emit point sendgrid "is a bare P-256 point, but SPKI form is wanted"
tail -c 64 ec.der | b64 | emit coordinates sendgrid "is a bare P-256 point, but SPKI form is wanted"
tail -c 65 ec.der | hex | emit point-hex sendgrid "is a bare P-256 point, but SPKI form is wanted"
printf '"%s"' "$(b64 <ec.der)" | emit quotes sendgrid "has quotes around it"
emit rsa sendgrid "is an RSA public key, but ecdsa-p256-sha256 wants a P-256 key" <rsa.pub
emit p384 sendgrid "is a P-384 public key, but" <p384.pub
emit ed25519 sendgrid "is an ed25519 public key, but" <ed.pub
emit certificate sendgrid "is a certificate" <cert.pem

printf '"whsec_%s"' "$(openssl rand 24 | b64)" | emit quotes standard-webhooks "has quotes around it"
printf 'KEY=%s' "$(openssl rand -hex 32)" | emit env adyen "is a whole line of an env file"

# Another key of the provider, and what copying did to the right one.
secret="whsec_$(openssl rand 24 | b64)"        # 32 characters of base64, no =
padded="whsec_$(openssl rand 32 | b64)"        # ends in one =
double="whsec_$(openssl rand 31 | b64)"        # ends in ==
printf 'MTE%s.%s.%s' "$(openssl rand 12 | b64 | tr '+/' '-_')" "$(openssl rand 4 | b64 | tr '+/' '-_' | tr -d =)" "$(openssl rand 20 | b64 | tr '+/' '-_' | tr -d =)" | emit bot-token discord "looks like a bot token; the key of discord is shown as Public Key"
printf '112233445566778899' | emit application-id discord "looks like the id of an application; the key of discord is shown as Public Key"
printf 'sk_live_51H%s' "$(openssl rand -hex 12)" | emit api-key standard-webhooks "looks like an API key (sk_live_)"
printf 'pk_test_%s' "$(openssl rand -hex 12)" | emit publishable-key standard-webhooks "looks like a publishable API key (pk_test_)"
printf '"xoxb-%s"' "$(openssl rand -hex 12)" | emit quoted-token standard-webhooks "looks like a Slack bot token"
printf 'SG.%s.%s' "$(openssl rand 16 | b64 | tr '+/' '-_' | tr -d =)" "$(openssl rand 32 | b64 | tr '+/' '-_' | tr -d =)" | emit api-key sendgrid "looks like an API key; the key of sendgrid is shown as Verification Key"
printf 'AQE%s' "$(openssl rand 24 | b64)" | emit api-key adyen "looks like an API key; the key of adyen is shown once"
printf 'v1,%s' "$secret" | emit supabase standard-webhooks "has v1, before whsec_, as Supabase shows it: leave v1, out"
printf '%s\\n' "$padded" | emit backslash-n standard-webhooks "ends in a backslash and an n: take them off"
printf '%s\\r\\n' "$secret" | emit backslash-r-n svix "ends in a backslash and an n"
printf '%s' "$padded" | sed 's/=/\&#61;/' | emit entities standard-webhooks "holds HTML entities, such as &amp; for &: give the characters"
printf '%s' "$double" | sed 's/=/\&#x3D;/g' | emit entities-hex svix "holds HTML entities"
printf '%s' "$padded" | sed 's/=/%3D/' | emit percent standard-webhooks "is URL-encoded: give the characters"
printf '%s' "$double" | sed 's/=$//' | emit lost-padding standard-webhooks "has lost a = at its end"
printf '%s=' "$secret" | emit added-padding standard-webhooks "has a = too many at its end"
printf '%s==' "$double" | emit doubled-padding svix "has a = too many at its end"
printf '%s\342\200\213' "$padded" | emit zero-width standard-webhooks "holds characters that cannot be seen"
printf 'Bearer %s' "$secret" | emit bearer standard-webhooks "has the word Bearer in front: give what stands behind it"
printf '$STANDARD_SECRET' | emit variable standard-webhooks "looks like the name of a variable, which nothing replaced"
printf '${WEBHOOK_SECRET}' | emit braces svix "looks like the name of a variable"
printf 'undefined' | emit undefined standard-webhooks "looks like the text that programs write where there is no value"
printf 'whsec_xxxxxxxxxxxxxxxxx' | emit example standard-webhooks "looks like the text that an example has in place of a key"
printf '%.10s***' "$secret" | emit stars standard-webhooks "is masked: it is what is shown in the place of the key"
printf '***' | emit all-stars svix "is masked: it is what is shown in the place of the key"
printf '"%s\\n"' "$padded" | emit quotes-backslash-n standard-webhooks "has quotes around it and ends in a backslash and an n"
printf 'WEBHOOK_SECRET="%s"' "$(printf '%s' "$double" | sed 's/=$//')" | emit env-lost-padding svix "is a whole line of an env file and has lost a = at its end"

# Keys of bytes with something around them.
svix=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
printf '{"name":"hook","key":"%s"}' $svix | emit json svix 'is a whole JSON object, as stores of secrets hold it: give the value of key alone'
printf '%s # live' $svix | emit comment svix 'has a comment behind it'
printf '“%s”' $svix | emit typographic svix 'has typographic quotes around it'
printf 'signingKey: %s' $svix | emit yaml svix 'is a whole line of a settings file'
printf '%s %s' $svix whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD | emit several svix 'is several keys in one text'
