# frozen_string_literal: true

# Runs the verifiers for Ruby. What a verifier takes is read from its own list of parameters.
require 'json'

JSON.parse(File.read("#{ARGV[0]}/cases.json")).each do |entry|
  load entry['files']['ruby']
  name = File.read(entry['files']['ruby'])[/^module (\w+)/, 1]
  verifier = Object.const_get(name)
  names = verifier.method(:verify).parameters.map(&:last)
  entry['cases'].each do |one|
    given = { body: one['body'].unpack1('m'), headers: one['headers'], url: one['url'], method: one['method'], now: Time.at(one['now']) }
    one['params'].each { |setting, value| given[:"param#{setting.downcase.gsub(/[^a-z0-9]/, '')}"] = value }
    begin
      answer = one['keys'].any? do |key|
        verifier.verify(*names.map { |it| given.merge(key: key)[it] || given[it.to_s.delete('_').to_sym] || '' })
      end
    rescue StandardError => e
      answer = "threw #{e.class} #{e.message}".split.join(' ')
    end
    puts [entry['scheme'], one['id'], answer].join("\t")
  end
end
