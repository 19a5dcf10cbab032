# What Rails' params are for a JSON body: by Rails itself, with its middleware for parameters. Prints JSON lines; see generate.
ENV['RAILS_ENV'] = 'production'
require 'action_controller/railtie'
require 'rack/mock'
require 'openssl'
require 'base64'

KEY = 'whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v'

class App < Rails::Application
  config.secret_key_base = 'x' * 64
  config.logger = Logger.new(nil)
  config.eager_load = false
  config.hosts.clear
  routes.append do
    post '/hook' => 'hooks#create'
    post '/shown' => 'hooks#shown'
  end
end

class HooksController < ActionController::Base
  wrap_parameters format: [:json]
  def create = render(plain: params.to_unsafe_h.to_json)
  def shown = render(plain: params.inspect)
end
App.initialize!

def out(id, expect, raw, path)
  body = Rack::MockRequest.new(App).post(path, input: raw, 'CONTENT_TYPE' => 'application/json').body
  puts({
    id: "rails/#{id}", by: "rails #{Rails.version}", expect: expect, scheme: 'github', key: KEY, now: 1750000003, method: 'POST', url: '',
    headers: { 'X-Hub-Signature-256' => "sha256=#{OpenSSL::HMAC.hexdigest('SHA256', KEY, raw)}" }, body_base64: Base64.strict_encode64(body)
  }.to_json)
end

out('params', 'body.rails_params', '{"event":"updated","data":{"id":7,"tags":["a"]}}', '/hook')
out('params-html', 'body.rails_params', '{"html":"<b>Zoë & Jo</b>","n":1.5,"none":null}', '/hook')
out('params-spaced', 'body.rails_params', '{"event": "updated", "n": 1}', '/hook')
out('params-shown', 'body.rails_params', '{"event":"updated","data":{"id":7,"ok":true,"none":null}}', '/shown')
