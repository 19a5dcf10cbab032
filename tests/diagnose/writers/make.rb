# Bodies as Ruby shows and writes them. Prints JSON lines; see generate.
require 'json'
require 'openssl'
require 'base64'

KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'

def out(id, expect, signed, body)
  puts({
    id: "ruby/#{id}", by: 'ruby', expect: expect, scheme: 'github', key: KEY, now: 1750000003, method: 'POST', url: '',
    headers: { 'X-Hub-Signature-256' => "sha256=#{OpenSSL::HMAC.hexdigest('SHA256', KEY, signed)}" }, body_base64: Base64.strict_encode64(body)
  }.to_json)
end

raw = '{"id":"evt_1","n":1.5,"ok":true,"none":null,"tags":["a","b"],"say":"\"hi\" #{x}"}'
out('inspect', 'body.literal', raw, JSON.parse(raw).inspect)
raw = '{"data":{"object":{"id":7,"note":"Zoë / 5"}},"list":[]}'
out('inspect-nested', 'body.literal', raw, JSON.parse(raw).inspect)
out('inspect-symbols', 'body.literal', raw, JSON.parse(raw, symbolize_names: true).inspect)

# Ruby's own way with floats.
raw = '{"a":1e20,"b":0.00001,"c":2.50}'
out('numbers', 'body.reserialised.compact.numbers.ruby', JSON.generate(JSON.parse(raw)), raw)
raw = '{"n":10000000000000000.0,"m":1.5e-9}'
out('numbers-small', 'body.reserialised.compact.numbers.ruby', JSON.generate(JSON.parse(raw)), raw)

# A float that Ruby wrote for an integer.
out('zero-added', 'body.reserialised.compact.numbers', '{"amount":5,"rate":2.5}', JSON.generate({ amount: 5.to_f, rate: 2.5 }))
out('zero-added-of-some', 'body.number.zero_added', '{"lat":52,"lng":13,"zoom":2.0}', JSON.generate({ lat: 52.0, lng: 13.0, zoom: 2.0 }))
