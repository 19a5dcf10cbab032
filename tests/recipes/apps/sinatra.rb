require 'sinatra'
require_relative 'verify'

set :bind, '127.0.0.1'
set :port, ENV.fetch('PORT').to_i
set :server, 'puma'
before { params } # as an app that reads them does

RECIPE
