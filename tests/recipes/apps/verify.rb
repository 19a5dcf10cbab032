# What every app calls with what it takes for the raw bytes.
require 'openssl'

def verify(raw, headers)
  signature = headers['HTTP_X_SIGNATURE'] || headers['X-Signature']
  OpenSSL::HMAC.hexdigest('SHA256', ENV.fetch('KEY'), raw) == signature
end
