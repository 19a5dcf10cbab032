# Serves the controller of the page in an application of one file.
ENV['RAILS_ENV'] = 'production'
require 'action_controller/railtie'
require 'rack/handler/puma'

class App < Rails::Application
  config.root = __dir__
  config.load_defaults 6.1
  config.secret_key_base = 'x' * 64
  config.logger = Logger.new(nil)
  config.eager_load = true
  config.hosts.clear
  routes.append { post '/hooks' => 'hooks#create' }
end

App.initialize!
Rack::Handler::Puma.run(App, Host: '127.0.0.1', Port: ENV.fetch('PORT').to_i, Silent: true)
