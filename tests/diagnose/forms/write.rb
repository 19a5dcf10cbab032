# Each form of forms.json, parsed and written by Ruby, Rack and ActiveSupport. Prints JSON lines; see generate.
require 'json'
require 'uri'
require 'cgi'
require 'rack'
require 'active_support'
require 'active_support/core_ext/object/to_query'

def out(writer, form, text)
  puts JSON.generate({ writer: writer, form: form, text: text })
end

JSON.parse(File.read(File.join(__dir__, 'forms.json'))).each_with_index do |form, i|
  pairs = URI.decode_www_form(form)
  out('Ruby (URI.encode_www_form)', i, URI.encode_www_form(pairs))
  out('Ruby (CGI.escape)', i, pairs.map { |k, v| "#{CGI.escape(k)}=#{CGI.escape(v)}" }.join('&'))
  nested = Rack::Utils.parse_nested_query(form)
  next if form.include?('%5D%5B%5D') # lists come out without an index

  out('Rack 2 (build_nested_query)', i, Rack::Utils.build_nested_query(nested)) if Rack.release < '3'
  out('Rails (to_query)', i, nested.to_query)
end
