ENV['RAILS_ENV'] = 'production'
require 'action_controller/railtie'
require 'rack/handler/puma'
require_relative 'verify'

class App < Rails::Application
  config.load_defaults 6.1
  config.secret_key_base = 'x' * 64
  config.logger = Logger.new(nil)
  config.eager_load = false
  config.hosts.clear
  routes.append { post '/webhook' => 'hooks#webhook' }
end

App.initialize!

class HooksController < ActionController::Base
  wrap_parameters format: [:json]
  RECIPE
end

Rack::Handler::Puma.run(App, Host: '127.0.0.1', Port: ENV.fetch('PORT').to_i, Silent: true)
