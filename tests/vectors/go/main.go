// Command go tries the vectors of whctl on the libraries of Stripe and Standard Webhooks for Go. They read the clock, so the vectors are made
// for now.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stripe/stripe-go/v82/webhook"
)

// vectors are what whctl schemes vectors prints.
type vectors struct {
	Key     string
	Vectors []struct {
		ID      string
		OK      bool
		Reason  string
		Request struct {
			Headers    map[string][]string
			Body       string
			BodyBase64 []byte
		}
	}
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tries the vectors in a file. differences is the file with the known ones.
func run(scheme, file, differences string) error {
	var v vectors
	var known map[string]map[string]map[string]string
	if err := read(file, &v); err != nil {
		return err
	}
	if err := read(differences, &known); err != nil {
		return err
	}
	agreed, differ, wrong := 0, 0, 0
	for _, one := range v.Vectors {
		body := one.Request.BodyBase64
		if body == nil {
			body = []byte(one.Request.Body)
		}
		header := http.Header{}
		for name, values := range one.Request.Headers {
			name = http.CanonicalHeaderKey(name)
			header[name] = append(header[name], values...)
		}
		ok := accepts(scheme, v.Key, body, header)
		why := known["go"][scheme][one.ID]
		switch {
		case ok == one.OK && why == "":
			agreed++
		case ok != one.OK && why != "":
			differ++
		default:
			wrong++
			fmt.Fprintf(os.Stderr, "  go %s %s: accepted %v, whctl says %s\n", scheme, one.ID, ok, one.Reason)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("FAIL  go %s: %d vectors differ", scheme, wrong)
	}
	fmt.Printf("ok  go %s: %d vectors agree, %d differ for a known reason\n", scheme, agreed, differ)
	return nil
}

func accepts(scheme, key string, body []byte, header http.Header) bool {
	if scheme == "stripe" {
		return webhook.ValidatePayload(body, header.Get("Stripe-Signature"), key) == nil
	}
	w, err := standardwebhooks.NewWebhook(key)
	return err == nil && w.Verify(body, header) == nil
}

func read(file string, v any) error {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}
