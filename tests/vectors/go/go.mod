module github.com/whctl/whctl/tests/vectors/go

go 1.26

require (
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
	github.com/stripe/stripe-go/v82 v82.5.1
)
