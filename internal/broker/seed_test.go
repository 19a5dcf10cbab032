package broker_test

import (
	"testing"

	"github.com/whctl/whctl/internal/broker"
)

// A user's seed is found alone, beside its public key and in a decorated file. Others, and spoiled ones, are seeds that are not taken; a token is none.
func TestUserSeed(t *testing.T) {
	t.Parallel()
	const ( // made for this test
		user    = "SUAGCNSA6OZ3A4MZRHUBASKVTH5EBQNIQH5HUHI3WEZ3BABC35TCXZQ7YU"
		public  = "UC5Q5MLUNVVBI2MSNBZQKA7RGB2ZJXWCNBKAGPX2VLULRLBIPXIOFV3W"
		account = "SAANOAVGXAM2RQEOR7TJ2P7E4JXSHDJUSV3GSRYSFGQAGGID2KLCMQG54A"
	)
	spoiled := user[:20] + "B" + user[21:]
	for name, c := range map[string]struct {
		text  string
		seed  string
		found bool
	}{
		"alone":              {user, user, true},
		"with its key":       {user + "\r\n" + public + "\n", user, true},
		"decorated":          {"-----BEGIN USER NKEY SEED-----\n" + user + "\n------END USER NKEY SEED------\n", user, true},
		"an account's":       {account, "", true},
		"spoiled":            {spoiled, "", true},
		"a public key":       {public, "", false},
		"a token":            {"S3cr3t-token-of-the-server", "", false},
		"a token as long":    {"s" + user[1:], "", false},
		"a user, a password": {"SUE:" + user[:54], "", false},
		"nothing":            {"", "", false},
	} {
		seed, found := broker.UserSeed(c.text)
		if string(seed) != c.seed || found != c.found {
			t.Errorf("%s: %d bytes, %v", name, len(seed), found)
		}
	}
}
